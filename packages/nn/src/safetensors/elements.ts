/** Element types of the format that are read: those of a typed array, and half-precision floats, which are widened. */
export type SafetensorsDType = "F64" | "F32" | "F16" | "BF16" | "I64" | "U64" | "I32" | "U32" | "I16" | "U16" | "I8" | "U8" | "BOOL";

export type SafetensorsData = Float64Array | Float32Array | BigInt64Array | BigUint64Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array;

interface Element {
  readonly bytes: number;
  /** The numbers in a buffer that holds nothing else. */
  readonly read: (buffer: ArrayBuffer) => SafetensorsData;
}

/** A Map, so that no file can ask for a property of Object. The format is little-endian, as every machine that runs JavaScript today. */
export const elements: ReadonlyMap<string, Element> = new Map<SafetensorsDType, Element>([
  ["F64", { bytes: 8, read: (buffer) => new Float64Array(buffer) }],
  ["F32", { bytes: 4, read: (buffer) => new Float32Array(buffer) }],
  ["F16", { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer), halfToNumber) }],
  ["BF16", { bytes: 2, read: widenBrain }],
  ["I64", { bytes: 8, read: (buffer) => new BigInt64Array(buffer) }],
  ["U64", { bytes: 8, read: (buffer) => new BigUint64Array(buffer) }],
  ["I32", { bytes: 4, read: (buffer) => new Int32Array(buffer) }],
  ["U32", { bytes: 4, read: (buffer) => new Uint32Array(buffer) }],
  ["I16", { bytes: 2, read: (buffer) => new Int16Array(buffer) }],
  ["U16", { bytes: 2, read: (buffer) => new Uint16Array(buffer) }],
  ["I8", { bytes: 1, read: (buffer) => new Int8Array(buffer) }],
  ["U8", { bytes: 1, read: (buffer) => new Uint8Array(buffer) }],
  ["BOOL", { bytes: 1, read: (buffer) => new Uint8Array(buffer) }],
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
