import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataFormatError } from "./dataFormatError.ts";
import { type IdxDType, parseIdx, parseIdxHeader } from "./idx.ts";

const sizes = (...shape: number[]): number[] => shape.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);

/** The bytes of an IDX file of unsigned bytes. */
const file = (shape: number[], data: number[]): Uint8Array => Uint8Array.of(0, 0, 8, shape.length, ...sizes(...shape), ...data);

function refusal(bytes: Uint8Array): DataFormatError {
  try {
    parseIdx(bytes, { file: "some.idx" });
  } catch (error) {
    expect(error).toBeInstanceOf(DataFormatError);
    expect((error as DataFormatError).message).toContain("some.idx");
    return error as DataFormatError;
  }
  throw new Error("accepted");
}

/** Each element type: its code, its width, how an element is written. */
const TYPES: [IdxDType, number, number, (view: DataView, at: number, value: number) => void, fc.Arbitrary<number>][] = [
  ["u8", 0x08, 1, (v, at, x) => v.setUint8(at, x), fc.integer({ min: 0, max: 255 })],
  ["i8", 0x09, 1, (v, at, x) => v.setInt8(at, x), fc.integer({ min: -128, max: 127 })],
  ["i16", 0x0b, 2, (v, at, x) => v.setInt16(at, x), fc.integer({ min: -32768, max: 32767 })],
  ["i32", 0x0c, 4, (v, at, x) => v.setInt32(at, x), fc.integer()],
  ["f32", 0x0d, 4, (v, at, x) => v.setFloat32(at, x), fc.float()],
  ["f64", 0x0e, 8, (v, at, x) => v.setFloat64(at, x), fc.double()],
];

describe("a good file", () => {
  it("of two labels reads as the format's description spells it", () => {
    expect(parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9))).toEqual({ shape: [2], dtype: "u8", data: Uint8Array.of(7, 9) });
  });

  it.each(TYPES)("of %s gives back what was written, at any rank and from any place in a buffer", (dtype, code, width, write, values) => {
    const arrays = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }).chain((shape) => {
      const length = shape.reduce((a, b) => a * b);
      return fc.tuple(fc.constant(shape), fc.array(values, { minLength: length, maxLength: length }));
    });
    fc.assert(fc.property(arrays, fc.nat(7), ([shape, data], shift) => {
      const header = [0, 0, code, shape.length, ...sizes(...shape)];
      const bytes = new Uint8Array(shift + header.length + data.length * width).subarray(shift);
      bytes.set(header);
      const view = new DataView(bytes.buffer, shift);
      for (const [i, value] of data.entries()) write(view, header.length + i * width, value);
      const read = parseIdx(bytes);
      expect({ ...read, data: [...read.data] }).toEqual({ shape, dtype, data });
    }));
  });

  it("of bytes is not copied", () => {
    const bytes = file([2], [1, 2]);
    expect(parseIdx(bytes).data.buffer).toBe(bytes.buffer);
  });

  it("may hold nothing", () => {
    expect(parseIdx(file([0, 28, 28], []))).toEqual({ shape: [0, 28, 28], dtype: "u8", data: new Uint8Array(0) });
    // The product of the first 40 overflows to infinity.
    const sizesAndZero = [...Array.from({ length: 40 }, () => 2 ** 32 - 1), 0];
    expect(parseIdx(file(sizesAndZero, []))).toEqual({ shape: sizesAndZero, dtype: "u8", data: new Uint8Array(0) });
  });
});

describe("a bad file", () => {
  it("cut at any byte is refused, with the byte at which it ends", () => {
    const whole = file([2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    for (let n = 0; n < whole.length; n++) expect(refusal(whole.subarray(0, n)).offset).toBe(n);
  });

  it("with bytes behind its data is refused, with the byte at which they begin", () => {
    const error = refusal(file([2], [1, 2, 3]));
    expect(error).toMatchObject({ code: "LLR_DATA_FORMAT", file: "some.idx", offset: 10, actual: "11 bytes" });
    expect(error.message).toBe(
      "parseIdx: some.idx: the file's length is 11 bytes at byte 10, expected 10 (8 for the header and 2 for u8 [2]). " +
      "Something follows the data, or its sizes are damaged: get it again.",
    );
  });

  it("whose sizes multiply to more than any memory is refused before anything is allocated", () => {
    const before = process.memoryUsage().arrayBuffers;
    const most = 2 ** 32 - 1;
    for (const shape of [[most], [most, 28, 28], [2 ** 31, 2 ** 31, 2 ** 31], Array.from({ length: 255 }, () => most)])
      expect(refusal(file(shape, [1, 2, 3])).actual).toBe(`${4 + 4 * shape.length + 3} bytes`);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it("whose sizes multiply to 2^64 is not taken for an empty one", () => {
    expect(refusal(file([2 ** 16, 2 ** 16, 2 ** 16, 2 ** 16], [])).expected).toContain("18446744073709552000");
  });

  it("with another magic number is refused, and the common mistakes are recognised", () => {
    expect(refusal(Uint8Array.of(0, 0, 7, 1, 0, 0, 0, 0))).toMatchObject({ offset: 0, actual: "00 00 07 01" });
    expect(refusal(Uint8Array.of(1, 0, 8, 1, 0, 0, 0, 0))).toMatchObject({ offset: 0 });
    expect(refusal(Uint8Array.of(0, 0, 8, 0, 5))).toMatchObject({ offset: 3, actual: "0" });
    expect(refusal(new TextEncoder().encode("\n<!DOCTYPE html><title>404</title>")).message).toContain("It is a web page");
    expect(refusal(Uint8Array.of(0x1f, 0x8b, 8, 0)).message).toContain("compressed by gzip");
    expect(refusal(new TextEncoder().encode("PK\u0003\u0004")).message).toContain("zip archive");
  });

  it("of any bytes at all either reads to as many elements as its shape has, or is refused with a DataFormatError", () => {
    const plausible = fc
      .tuple(fc.constantFrom(8, 9, 11, 12, 13, 14), fc.integer({ min: 1, max: 3 }), fc.array(fc.nat(3), { maxLength: 20 }))
      .map(([type, rank, rest]) => Uint8Array.of(0, 0, type, rank, ...rest));
    fc.assert(fc.property(fc.oneof(fc.uint8Array(), plausible), (bytes) => {
      try {
        const { shape, data } = parseIdx(bytes);
        expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
      } catch (error) {
        expect(error).toBeInstanceOf(DataFormatError);
      }
    }), { numRuns: 1_000 });
  });
});

describe("a header alone", () => {
  it("is read from any start of the file that holds it, and is null before", () => {
    const bytes = file([2, 3], [1, 2, 3, 4, 5, 6]);
    for (let n = 0; n <= bytes.length; n++)
      expect(parseIdxHeader(bytes.subarray(0, n))).toEqual(n < 12 ? null : { shape: [2, 3], dtype: "u8", headerBytes: 12, totalBytes: 18 });
  });
});
