import type { SafetensorsData, SafetensorsDType } from "./elements.ts";
import { SafetensorsError } from "./error.ts";
import { quote } from "./header.ts";

declare const TextEncoder: new () => { encode(text: string): Uint8Array };

/** Numbers with their shape, as `stateDict` gives them. */
export interface SavedArray {
  readonly shape: readonly number[];
  readonly data: SafetensorsData;
}

export interface SaveSafetensorsOptions {
  /** Texts to keep with the numbers, for example `{ format: "pt" }`, which some Python programs ask for. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const LENGTH_BYTES = 8;

/**
 * The bytes of a safetensors file with the given arrays: what `safetensors.torch.load_file` in Python reads. Larger
 * elements come first, so that every array is aligned; equal ones in the order given. The same arrays give the same bytes.
 *
 * @param arrays by name, for example `model.stateDict()`
 * @throws SafetensorsError for an array that is not as long as its shape says, or of a type that the format does not have
 * @example
 * import { Linear, saveSafetensors } from "@llr/nn";
 * import { Rng } from "@llr/tensor";
 * const bytes = saveSafetensors(new Linear(3, 2, { rng: new Rng(1) }).stateDict());
 * // `await writeFile("linear.safetensors", bytes)`
 * new TextDecoder().decode(bytes.subarray(8, 20)) // => "{\"weight\":{\""
 */
export function saveSafetensors(arrays: Readonly<Record<string, SavedArray>>, { metadata }: SaveSafetensorsOptions = {}): Uint8Array {
  const typed = Object.entries(arrays).map(([name, { shape, data }]) => ({ name, shape, data, dtype: dtypeOf(name, data) }));
  for (const { name, shape, data } of typed) {
    if (name === "__metadata__") throw new SafetensorsError("an array is named __metadata__, which the format keeps for itself. Name it otherwise.");
    if (/\p{Surrogate}/u.test(name)) throw new SafetensorsError(`the name ${quote(name)} is no valid Unicode.`);
    if (shape.reduce((product, n) => product * n, 1) !== data.length) throw new SafetensorsError(`${quote(name)} has ${data.length} numbers and the shape [${shape.join(", ")}]. Give as many numbers as the shape holds.`);
  }
  typed.sort((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);

  let end = 0;
  const entries = typed.map(({ name, shape, data, dtype }): [string, object] => [name, { dtype, shape, data_offsets: [end, (end += data.byteLength)] }]);
  // Object.fromEntries would put names like "10" first; the order of the text is that of the bytes.
  const all = metadata === undefined ? entries : [["__metadata__", metadata] as [string, object], ...entries];
  const text = `{${all.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(",")}}`;
  const header = new TextEncoder().encode(text);
  const start = LENGTH_BYTES + Math.ceil(header.length / 8) * 8;

  const bytes = new Uint8Array(start + end);
  new DataView(bytes.buffer).setUint32(0, start - LENGTH_BYTES, true);
  bytes.fill(0x20, LENGTH_BYTES, start); // blanks up to a multiple of eight
  bytes.set(header, LENGTH_BYTES);
  let at = start;
  for (const { data } of typed) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

const DTYPES: readonly (readonly [new (length: number) => SafetensorsData, SafetensorsDType])[] = [
  [Float64Array, "F64"], [Float32Array, "F32"], [BigInt64Array, "I64"], [BigUint64Array, "U64"], [Int32Array, "I32"], [Uint32Array, "U32"], [Int16Array, "I16"], [Uint16Array, "U16"], [Int8Array, "I8"], [Uint8Array, "U8"],
];

function dtypeOf(name: string, data: SafetensorsData): SafetensorsDType {
  const found = DTYPES.find(([array]) => data instanceof array);
  if (found === undefined) throw new SafetensorsError(`${quote(name)} holds no typed array of ${DTYPES.map(([array]) => array.name).join(", ")}.`);
  return found[1];
}
