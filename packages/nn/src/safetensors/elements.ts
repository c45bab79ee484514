/** Element types of the format that are read: those of a typed array, and half-precision floats, which are widened. */
export type SafetensorsDType = "F64" | "F32" | "F16" | "BF16" | "I64" | "U64" | "I32" | "U32" | "I16" | "U16" | "I8" | "U8" | "BOOL";

export type SafetensorsData = Float64Array | Float32Array | BigInt64Array | BigUint64Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array;

interface Element {
  readonly bytes: number;
  /** The numbers in a buffer that holds nothing else. */
  readonly read: (buffer: ArrayBuffer) => SafetensorsData;
  /** The same of a few bytes, without a buffer for each: a hundred thousand of those are 50 MB. */
  readonly readFew: (view: DataView, at: number, count: number) => SafetensorsData;
}

/** An engine keeps arrays of so many bytes without a buffer, as long as nobody asks for theirs. */
export const FEW_BYTES = 64;

const few = <A extends SafetensorsData>(make: new (length: number) => A, bytes: number, get: (view: DataView, at: number) => A[number]) => (view: DataView, at: number, count: number): A => {
  const numbers = new make(count);
  for (let i = 0; i < count; i++) numbers[i] = get(view, at + i * bytes);
  return numbers;
};

/** A Map, so that no file can ask for a property of Object. The format is little-endian, as every machine that runs JavaScript today. */
export const elements: ReadonlyMap<string, Element> = new Map<SafetensorsDType, Element>([
  ["F64", { bytes: 8, read: (buffer) => new Float64Array(buffer), readFew: few(Float64Array, 8, (view, at) => view.getFloat64(at, true)) }],
  ["F32", { bytes: 4, read: (buffer) => new Float32Array(buffer), readFew: few(Float32Array, 4, (view, at) => view.getFloat32(at, true)) }],
  ["F16", { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer), halfToNumber), readFew: few(Float32Array, 2, (view, at) => halfToNumber(view.getUint16(at, true))) }],
  ["BF16", { bytes: 2, read: widenBrain, readFew: few(Float32Array, 2, (view, at) => brainToNumber(view.getUint16(at, true))) }],
  ["I64", { bytes: 8, read: (buffer) => new BigInt64Array(buffer), readFew: few(BigInt64Array, 8, (view, at) => view.getBigInt64(at, true)) }],
  ["U64", { bytes: 8, read: (buffer) => new BigUint64Array(buffer), readFew: few(BigUint64Array, 8, (view, at) => view.getBigUint64(at, true)) }],
  ["I32", { bytes: 4, read: (buffer) => new Int32Array(buffer), readFew: few(Int32Array, 4, (view, at) => view.getInt32(at, true)) }],
  ["U32", { bytes: 4, read: (buffer) => new Uint32Array(buffer), readFew: few(Uint32Array, 4, (view, at) => view.getUint32(at, true)) }],
  ["I16", { bytes: 2, read: (buffer) => new Int16Array(buffer), readFew: few(Int16Array, 2, (view, at) => view.getInt16(at, true)) }],
  ["U16", { bytes: 2, read: (buffer) => new Uint16Array(buffer), readFew: few(Uint16Array, 2, (view, at) => view.getUint16(at, true)) }],
  ["I8", { bytes: 1, read: (buffer) => new Int8Array(buffer), readFew: few(Int8Array, 1, (view, at) => view.getInt8(at)) }],
  ["U8", { bytes: 1, read: (buffer) => new Uint8Array(buffer), readFew: few(Uint8Array, 1, (view, at) => view.getUint8(at)) }],
  ["BOOL", { bytes: 1, read: (buffer) => new Uint8Array(buffer), readFew: few(Uint8Array, 1, (view, at) => view.getUint8(at)) }],
]);

/** IEEE 754 half precision: a sign, 5 bits of exponent with a bias of 15, 10 bits of fraction. Every value is a float32. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** A brain float is the upper half of a float32. */
function widenBrain(buffer: ArrayBuffer): Float32Array {
  const halves = new Uint16Array(buffer);
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i] << 16;
  return new Float32Array(words.buffer);
}

function brainToNumber(bits: number): number {
  word[0] = bits << 16;
  return asFloat[0];
}

const word = new Uint32Array(1);
const asFloat = new Float32Array(word.buffer);
