import type { ModelState } from "../modelState.ts";
import { describe } from "@llr/tensor/engine";
import { elements, FEW_BYTES, type SafetensorsData, type SafetensorsDType } from "./elements.ts";
import { SafetensorsError } from "./error.ts";
import { type HeaderEntry, parseHeader, quote } from "./header.ts";

declare const TextDecoder: new (encoding: string, options: { fatal: boolean; ignoreBOM: boolean }) => { decode(bytes: Uint8Array): string };

/** One array of a file. */
export interface SafetensorsArray {
  /** As stored. F16 and BF16 are widened to a Float32Array, BOOL is a Uint8Array of 0 and 1. */
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly data: SafetensorsData;
}

export interface SafetensorsFile {
  /** By name, in the order of the header. */
  readonly tensors: ReadonlyMap<string, SafetensorsArray>;
  /** Texts that the writer added. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** The limit of the reference implementation: a header of 100 MB names a million tensors. */
const LARGEST_HEADER = 100_000_000;
const LENGTH_BYTES = 8;

/**
 * Reads a safetensors file (github.com/huggingface/safetensors): eight bytes with the length of the header, a JSON header,
 * then the numbers of all tensors without gaps. Everything is checked before anything is copied, so a file cannot ask for
 * more memory than it fills, and two tensors never share bytes.
 *
 * @param file named in errors
 * @throws SafetensorsError for a file that breaks the format in any way
 * @example
 * import { readSafetensors, saveSafetensors } from "@llr/nn";
 * const bytes = saveSafetensors({ bias: { shape: [2], data: Float32Array.of(1, 2) } });
 * readSafetensors(bytes).tensors.get("bias") // => { dtype: "F32", shape: [2], data: [1, 2] }
 * readSafetensors(bytes.subarray(0, -1), { file: "model.safetensors" }) // throws model.safetensors: the tensors fill 8 bytes, but 7 follow
 */
export function readSafetensors(bytes: Uint8Array, { file }: { readonly file?: string | undefined } = {}): SafetensorsFile {
  const fail = (problem: string): never => {
    throw new SafetensorsError(problem, file);
  };
  if (!(bytes instanceof Uint8Array)) fail(`the bytes are ${describe(bytes)}. It needs a Uint8Array, such as readFile gives; new Uint8Array(buffer) makes one of an ArrayBuffer.`);
  const start = LENGTH_BYTES + headerLength(bytes, fail);
  const { entries, metadata } = parseHeader(headerText(bytes.subarray(LENGTH_BYTES, start), fail), fail);
  for (const [name, entry] of entries) checkEntry(name, entry, fail);
  checkLayout(entries, bytes.length - start, fail);

  const tensors = new Map<string, SafetensorsArray>();
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  for (const [name, { dtype, shape, offsets: [begin, end] }] of entries) {
    const element = elements.get(dtype)!;
    const data = end - begin <= FEW_BYTES ? element.readFew(view, begin, (end - begin) / element.bytes) : element.read(copyOf(bytes, start + begin, start + end));
    tensors.set(name, { dtype: dtype as SafetensorsDType, shape, data });
  }
  return { tensors, metadata };
}

/** A copy is aligned, and does not hold on to the file. */
function copyOf(bytes: Uint8Array, from: number, to: number): ArrayBuffer {
  const own = new Uint8Array(to - from);
  own.set(bytes.subarray(from, to));
  return own.buffer;
}

function headerLength(bytes: Uint8Array, fail: (problem: string) => never): number {
  if (bytes.length < LENGTH_BYTES) fail(`the file has ${bytes.length} bytes. It needs eight for the length of its header.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES);
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true); // not exact above 2^53, which is refused anyway
  if (length > LARGEST_HEADER) fail(`the header's length is ${length} bytes. At most ${LARGEST_HEADER} are read.`);
  if (length > bytes.length - LENGTH_BYTES) fail(`the header's length is ${length} bytes, but only ${bytes.length - LENGTH_BYTES} follow. Get the file again.`);
  return length;
}

function headerText(bytes: Uint8Array, fail: (problem: string) => never): string {
  if (bytes[0] !== 0x7b) fail(bytes.length === 0 ? "the header is empty. It begins with {." : `the header begins with byte ${bytes[0]}. It begins with {.`);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return fail("the header is no valid UTF-8.");
  }
}

/** The size of a tensor is the size of its bytes. */
function checkEntry(name: string, { dtype, shape, offsets }: HeaderEntry, fail: (problem: string) => never): void {
  const element = elements.get(dtype) ?? fail(`${quote(name)} has the element type ${quote(dtype)}. Known are ${[...elements.keys()].join(", ")}.`);
  if (offsets.length !== 2 || offsets[0] > offsets[1]) fail(`${quote(name)} has the data_offsets [${offsets.slice(0, 5).join(", ")}]. They are two, the first not larger than the second.`);
  const bytes = shape.reduce((product, n) => product * n, element.bytes);
  if (bytes !== offsets[1] - offsets[0]) fail(`${quote(name)} has ${offsets[1] - offsets[0]} bytes, but ${dtype} of shape [${shape.slice(0, 10).join(", ")}] needs ${bytes}.`);
}

/** Every byte after the header belongs to exactly one tensor. */
function checkLayout(entries: ReadonlyMap<string, HeaderEntry>, length: number, fail: (problem: string) => never): void {
  const inOrder = [...entries.keys()].sort((a, b) => {
    const [one, other] = [entries.get(a)!.offsets, entries.get(b)!.offsets];
    return one[0] - other[0] || one[1] - other[1];
  });
  let filled = 0;
  for (const name of inOrder) {
    const [begin, end] = entries.get(name)!.offsets;
    if (begin !== filled) fail(`${quote(name)} begins at byte ${begin}, the tensor before it ends at byte ${filled}. There are no gaps, and no bytes belong to two.`);
    filled = end;
  }
  if (filled !== length) fail(`the tensors fill ${filled} bytes, but ${length} follow the header. Get the file again.`);
}

/**
 * The arrays of a file as `loadStateDict` takes them. Whole numbers and truth values become float64: such as the counters that
 * PyTorch keeps beside running statistics (`num_batches_tracked`).
 *
 * @throws SafetensorsError for a whole number that float64 does not hold exactly
 * @example
 * import { Linear, readSafetensors, saveSafetensors, weightsOf } from "@llr/nn";
 * import { Rng } from "@llr/tensor";
 * const [trained, fresh] = [new Linear(3, 2, { rng: new Rng(1) }), new Linear(3, 2, { rng: new Rng(2) })];
 * fresh.loadStateDict(weightsOf(readSafetensors(saveSafetensors(trained.stateDict()))));
 * fresh.bias?.data.every((x, i) => x === trained.bias?.data[i]) // => true
 */
export function weightsOf({ tensors }: SafetensorsFile): ModelState {
  // Object.fromEntries makes own properties, whatever the names.
  return Object.fromEntries([...tensors].map(([name, { shape, data }]) => [name, { shape, data: floats(name, data) }]));
}

function floats(name: string, data: SafetensorsData): Float32Array | Float64Array {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  const numbers = Float64Array.from(data as ArrayLike<number | bigint>, Number);
  const wrong = numbers.findIndex((x) => !Number.isSafeInteger(x));
  if (wrong >= 0) throw new SafetensorsError(`${quote(name)} holds ${data[wrong]} at position ${wrong}, which float64 does not hold exactly. Take it from tensors.`);
  return numbers;
}
