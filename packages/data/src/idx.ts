// IDX, the format of the MNIST files: two zero bytes, a byte for the element type, a byte for the rank, one 32-bit size
// an axis, then the elements in row-major order. Everything is big-endian. (yann.lecun.com/exdb/mnist)
import { DataFormatError } from "./dataFormatError.ts";

export type IdxDType = "u8" | "i8" | "i16" | "i32" | "f32" | "f64";

export type IdxData = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

export interface IdxArray {
  readonly shape: readonly number[];
  readonly dtype: IdxDType;
  readonly data: IdxData;
}

export interface IdxOptions {
  /** Named in errors. */
  readonly file?: string | undefined;
}

export interface IdxHeader {
  readonly shape: readonly number[];
  readonly dtype: IdxDType;
  /** Where the elements begin. */
  readonly headerBytes: number;
  /** What the whole file must have. Not exact above 2^53, which is more than any file has. */
  readonly totalBytes: number;
}

const DTYPES = new Map<number, { dtype: IdxDType; bytes: number }>([
  [0x08, { dtype: "u8", bytes: 1 }],
  [0x09, { dtype: "i8", bytes: 1 }],
  [0x0b, { dtype: "i16", bytes: 2 }],
  [0x0c, { dtype: "i32", bytes: 4 }],
  [0x0d, { dtype: "f32", bytes: 4 }],
  [0x0e, { dtype: "f64", bytes: 8 }],
]);

/**
 * Reads an array from the bytes of an IDX file.
 *
 * The length of `bytes` is checked against the header before anything is allocated, so a header cannot ask for memory
 * that the file does not fill. `u8` data is a view of `bytes`, not a copy.
 *
 * @throws DataFormatError if the magic number is wrong, or the file is shorter or longer than its header says
 * @example
 * import { parseIdx } from "@llr/data";
 * const bytes = Uint8Array.of(0, 0, 0x0b, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x01, 0x00, 0xff, 0xff);
 * parseIdx(bytes) // => { shape: [1, 2], dtype: "i16", data: [256, -1] }
 * parseIdx(bytes.subarray(0, 15), { file: "pair.idx" }) // throws parseIdx: pair.idx: the file's length is 15 bytes
 */
export function parseIdx(bytes: Uint8Array, { file }: IdxOptions = {}): IdxArray {
  const header = parseIdxHeader(bytes, { file });
  if (header === null)
    throw new DataFormatError("parseIdx", {
      file, offset: bytes.length, what: "the header", actual: "cut off",
      expected: "a magic number and one size an axis",
      advice: "Get the file again.",
    });
  checkIdxLength(header, bytes.length, { file });
  const { shape, dtype, headerBytes } = header;
  return { shape, dtype, data: elements(dtype, bytes.subarray(headerBytes)) };
}

/**
 * Reads the header alone, from any number of leading bytes.
 *
 * @returns null when `bytes` end before the header does
 * @throws DataFormatError if it is not an IDX header
 */
export function parseIdxHeader(bytes: Uint8Array, { file }: IdxOptions = {}): IdxHeader | null {
  if (bytes.length < 4) return null;
  const [zero, zeroToo, type, rank] = bytes;
  const element = DTYPES.get(type);
  if (zero !== 0 || zeroToo !== 0 || element === undefined)
    throw new DataFormatError("parseIdx", {
      file, offset: 0, what: "the magic number", actual: hex(bytes),
      expected: "00 00, one of 08 09 0b 0c 0d 0e, and the rank",
      advice: guess(bytes),
    });
  if (rank === 0) throw new DataFormatError("parseIdx", { file, offset: 3, what: "the rank", actual: "0", expected: "1 to 255" });
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  // A zero first: 255 sizes of 2^32 overflow to infinity, and infinity times 0 is NaN.
  const count = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  return { shape, dtype: element.dtype, headerBytes, totalBytes: headerBytes + count * element.bytes };
}

/** @throws DataFormatError unless the file has exactly the length that its header announces */
export function checkIdxLength({ shape, dtype, headerBytes, totalBytes }: IdxHeader, actualBytes: number, { file }: IdxOptions = {}): void {
  if (actualBytes === totalBytes) return;
  throw new DataFormatError("parseIdx", {
    file,
    offset: Math.min(actualBytes, totalBytes),
    what: "the file's length",
    actual: `${actualBytes} bytes`,
    expected: `${totalBytes} (${headerBytes} for the header and ${totalBytes - headerBytes} for ${dtype} [${shape.join(", ")}])`,
    advice: actualBytes < totalBytes ? "It is cut off, or its sizes are damaged: get it again." : "Something follows the data, or its sizes are damaged: get it again.",
  });
}

function elements(dtype: IdxDType, bytes: Uint8Array): IdxData {
  // A view of a file's bytes may start anywhere and has the wrong byte order, so wider types are read one by one.
  const { buffer, byteOffset, length } = bytes;
  const view = new DataView(buffer, byteOffset, length);
  switch (dtype) {
    case "u8": return bytes;
    case "i8": return new Int8Array(buffer, byteOffset, length);
    case "i16": return fill(new Int16Array(length / 2), (i) => view.getInt16(2 * i));
    case "i32": return fill(new Int32Array(length / 4), (i) => view.getInt32(4 * i));
    case "f32": return fill(new Float32Array(length / 4), (i) => view.getFloat32(4 * i));
    case "f64": return fill(new Float64Array(length / 8), (i) => view.getFloat64(8 * i));
  }
}

function fill<A extends IdxData>(array: A, element: (index: number) => number): A {
  for (let i = 0; i < array.length; i++) array[i] = element(i);
  return array;
}

const hex = (bytes: Uint8Array): string => Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** What people most often have in place of an IDX file. */
function guess(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 64)).trimStart();
  if (start.startsWith("<")) return "It is a web page: the download failed and its error page was saved.";
  if (start.startsWith("\x1f\x8b")) return "It is compressed by gzip: unpack it first, or read it with readIdx of @llr/data/node.";
  return start.startsWith("PK") ? "It is a zip archive: unpack it first." : undefined;
}
