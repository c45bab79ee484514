import { StateError } from "./errors.ts";
import type { Optimizer } from "./optimizer.ts";
import type { DType, FloatArray } from "./param.ts";
import type { ParamStateDict, StateDict } from "./stateDict.ts";

/*
 * The bytes are a safetensors file, which other programs can read: 8 bytes with the length of the header (little-endian), the
 * header in JSON (ASCII), padded with spaces to a multiple of 8, and the numbers, little-endian, one array after the other.
 *
 *   "__metadata__"   "crc32": eight hexadecimal digits, of the header with zeros in their place and of the numbers after it;
 *                    "state": JSON of { version, optimizer, step, params: [[name, shape, dtype, numbers, [key of an array ...]] ...] }
 *   "name/key"       dtype (F32, F64), shape and place of one array, in the order of "state"
 */

const PREFIX = '{"__metadata__":{"crc32":"';
const ZEROS = "00000000";
const DTYPES = { float32: "F32", float64: "F64" } as const;

interface Saved {
  readonly version: unknown;
  readonly optimizer: unknown;
  readonly step: unknown;
  readonly params: readonly (readonly [name: string, shape: readonly number[], dtype: DType, numbers: Record<string, number>, keys: readonly string[]])[];
}

/**
 * An optimizer's state as bytes, for a file: what `loadStateBytes` reads, bit for bit, in another process or on another machine.
 * The bytes are a safetensors file (the arrays are named `parameter/key`), with a checksum.
 *
 * @param source  an optimizer, or what its `stateDict()` returned
 * @example
 * import { adamW, loadStateBytes, param, stateBytes } from "@llr/optim";
 * const [w, v] = [param("w", [1, 2]), param("w", [1, 2])];
 * const [before, after] = [w, v].map((p) => adamW([p], { lr: 0.1 }));
 * before.step({ w: Float32Array.of(1, -1) });
 * const bytes = stateBytes(before); // writeFileSync("state.safetensors", bytes)
 * loadStateBytes(after, bytes);
 * after.stateDict().params.w.arrays.firstMoment // => [0.1, -0.1]
 * loadStateBytes(after, bytes.subarray(1)) // throws the bytes are no saved state
 */
export function stateBytes(source: StateDict | Pick<Optimizer, "stateDict">): Uint8Array {
  const { version, optimizer, step, params } = "stateDict" in source ? source.stateDict() : source;
  const entries = Object.entries(params);
  const arrays = entries.flatMap(([name, { arrays: own }]) => Object.entries(own).map(([key, array]) => [`${name}/${key}`, array] as const));
  const saved: Saved = { version, optimizer, step, params: entries.map(([name, { shape, dtype, numbers, arrays: own }]) => [name, shape, dtype, numbers, Object.keys(own)]) };
  let size = 0;
  const table = arrays.map(([name, array]) => {
    const begin = size;
    size += array.byteLength;
    return `,${JSON.stringify(name)}:${JSON.stringify({ dtype: array.BYTES_PER_ELEMENT === 4 ? DTYPES.float32 : DTYPES.float64, shape: [array.length], data_offsets: [begin, size] })}`;
  });
  const text = bytesOf(`${PREFIX}${ZEROS}","state":${JSON.stringify(JSON.stringify(saved))}}${table.join("")}}`);
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + size).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  let at = 8 + length;
  for (const [, array] of arrays) {
    bytes.set(littleEndian(new Uint8Array(array.slice().buffer), array.BYTES_PER_ELEMENT), at);
    at += array.byteLength;
  }
  bytes.set(bytesOf(checksum(bytes)), 8 + PREFIX.length);
  return bytes;
}

/**
 * Loads what `stateBytes` made, in place of `loadStateDict`.
 *
 * @throws StateError, before anything is written, if the bytes are no saved state, are damaged or cut, or if the state is not that
 *         of such an optimizer over such parameters
 */
export function loadStateBytes(optimizer: Pick<Optimizer, "name" | "loadStateDict">, bytes: Uint8Array): void {
  optimizer.loadStateDict(stateFromBytes(bytes));
}

/**
 * The state that is in the bytes of `stateBytes`, for optimizers that load one in their own way (`deviceOptimizer`).
 *
 * @throws StateError if the bytes are no saved state, or are damaged or cut
 */
export function stateFromBytes(bytes: Uint8Array): StateDict {
  const refuse = (problem: string): never => {
    throw new StateError("stateFromBytes", `${problem} It needs what stateBytes() returned, whole and unchanged.`);
  };
  if (!ArrayBuffer.isView(bytes) || !("BYTES_PER_ELEMENT" in bytes) || bytes.BYTES_PER_ELEMENT !== 1) return refuse("the bytes are no Uint8Array.");
  const own = Uint8Array.from(bytes); // of a buffer that starts at 0
  const head = textOf(own.subarray(8, 8 + PREFIX.length));
  if (head !== PREFIX || own.length < 16 + PREFIX.length) refuse("the bytes are no saved state.");
  const digits = own.subarray(8 + PREFIX.length, 16 + PREFIX.length);
  const noted = textOf(digits);
  digits.set(bytesOf(ZEROS));
  if (checksum(own) !== noted) refuse(`the bytes are damaged: their checksum is ${checksum(own)}, the one noted ${JSON.stringify(noted)}.`);
  try {
    return parse(own);
  } catch {
    return refuse("the bytes are a state of another form."); // with a checksum that fits, somebody else's
  }
}

function parse(bytes: Uint8Array<ArrayBuffer>): StateDict {
  const begin = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(textOf(bytes.subarray(8, begin))) as { readonly __metadata__: { readonly state: string } };
  const { params, ...rest } = JSON.parse(header.__metadata__.state) as Saved;
  let at = begin;
  const take = (dtype: DType, count: number): FloatArray => {
    const width = dtype === "float32" ? 4 : 8;
    if (at + count * width > bytes.length) throw new RangeError("the numbers end early");
    const { buffer } = littleEndian(bytes.slice(at, (at += count * width)), width);
    return dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
  };
  const restored = params.map(([name, shape, dtype, numbers, keys]): readonly [string, ParamStateDict] => {
    const count = shape.reduce((a, b) => a * b, 1);
    return [name, { shape, dtype, numbers, arrays: Object.fromEntries(keys.map((key) => [key, take(dtype, count)])) }];
  });
  return { ...rest, params: Object.fromEntries(restored) } as StateDict;
}

/** JSON as ASCII, other letters escaped: the language itself has no UTF-8. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const ascii = text.replaceAll(/[^ -~]/g, (letter) => String.raw`\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return Uint8Array.from(ascii, (letter) => letter.charCodeAt(0));
}

function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Turns the bytes of every number round where the machine has them the other way, in place. */
function littleEndian(bytes: Uint8Array<ArrayBuffer>, width: number): Uint8Array<ArrayBuffer> {
  if (!isLittleEndian) for (let i = 0; i < bytes.length; i += width) bytes.subarray(i, i + width).reverse();
  return bytes;
}

/** CRC-32 (ISO 3309), by tables of one byte. */
function checksum(bytes: Uint8Array): string {
  const table = Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
  });
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return ((crc ^ -1) >>> 0).toString(16).padStart(8, "0");
}
