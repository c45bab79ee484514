import { Rng } from "@llr/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leNet5, Linear, readSafetensors, SafetensorsError, type SavedArray, saveSafetensors, weightsOf } from "../index.ts";

/** What the safetensors package for Python (0.8.0) wrote for f32, i64, f16 and bool arrays. */
const FROM_PYTHON = Buffer.from(
  "AAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJucCJ9LCJuIjp7ImR0eXBlIjoiSTY0Iiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbMCw4XX0sInciOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsMl0sImRhdGFfb2Zmc2V0cyI6WzgsMjRdfSwiaCI6eyJkdHlwZSI6IkYxNiIsInNoYXBlIjpbM10sImRhdGFfb2Zmc2V0cyI6WzI0LDMwXX0sImIiOnsiZHR5cGUiOiJCT09MIiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMzAsMzJdfX0gICAgBwAAAAAAAAAAAIA/AAAAQAAAQEAAAJDAADj/+wB8AQA=",
  "base64",
);

/** A file with any text as header; `declared` is the length that it states. */
function fileOf(header: string | Uint8Array, data = 0, declared?: bigint): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, declared ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const f32 = (values: number[], shape = [values.length]): SavedArray => ({ shape, data: Float32Array.from(values) });

describe("safetensors", () => {
  it("reads what Python writes", () => {
    const { tensors, metadata } = readSafetensors(FROM_PYTHON);
    expect([...tensors.keys()]).toEqual(["n", "w", "h", "b"]);
    expect(tensors.get("w")).toEqual({ dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, -4.5) });
    expect(tensors.get("n")).toEqual({ dtype: "I64", shape: [1], data: BigInt64Array.of(7n) });
    expect(tensors.get("h")).toEqual({ dtype: "F16", shape: [3], data: Float32Array.of(0.5, -65504, Infinity) });
    expect(tensors.get("b")).toEqual({ dtype: "BOOL", shape: [2], data: Uint8Array.of(1, 0) });
    expect([...metadata]).toEqual([["format", "np"]]);
    // Also from the middle of another array, where nothing is aligned.
    const shifted = new Uint8Array(FROM_PYTHON.length + 1);
    shifted.set(FROM_PYTHON, 1);
    expect(readSafetensors(shifted.subarray(1)).tensors.get("w")).toEqual(tensors.get("w"));
  });

  it("writes what Python writes, for the types that both have", () => {
    const { tensors } = readSafetensors(FROM_PYTHON);
    const [w, n] = [tensors.get("w")!, tensors.get("n")!];
    const text = new TextDecoder().decode(saveSafetensors({ w, n }, { metadata: { format: "np" } }).subarray(8));
    expect(text).toMatch(/^\{"__metadata__":\{"format":"np"\},"n":\{"dtype":"I64","shape":\[1\],"data_offsets":\[0,8\]\},"w":\{"dtype":"F32","shape":\[2,2\],"data_offsets":\[8,24\]\}\} *\0*/);
  });

  it("gives back every array that was saved, of any type, name and shape", () => {
    const data = fc.oneof(fc.float32Array(), fc.float64Array(), fc.int32Array(), fc.uint8Array(), fc.int8Array(), fc.int16Array(), fc.uint16Array(), fc.uint32Array(), fc.bigInt64Array(), fc.bigUint64Array());
    const name = fc.string({ unit: "binary" }).filter((text) => text !== "__metadata__");
    fc.assert(
      fc.property(fc.array(fc.tuple(name, data)), (pairs) => {
        const arrays = Object.fromEntries(pairs.map(([key, numbers]): [string, SavedArray] => [key, { shape: [1, numbers.length], data: numbers }]));
        const bytes = saveSafetensors(arrays);
        const { tensors } = readSafetensors(bytes);
        expect([...tensors.keys()].sort()).toEqual(Object.keys(arrays).sort());
        for (const [key, { shape, data: numbers }] of Object.entries(arrays)) {
          expect(tensors.get(key)).toMatchObject({ shape });
          expect(tensors.get(key)!.data).toEqual(numbers);
        }
        expect(saveSafetensors(Object.fromEntries(tensors))).toEqual(bytes);
      }),
    );
    expect(readSafetensors(saveSafetensors({})).tensors.size).toBe(0);
    expect(readSafetensors(saveSafetensors({ s: { shape: [], data: Float64Array.of(Math.PI) } })).tensors.get("s")).toEqual({ dtype: "F64", shape: [], data: Float64Array.of(Math.PI) });
  });

  it("widens half-precision floats exactly", () => {
    const bits = Uint16Array.of(0x0001, 0x03ff, 0x0400, 0x3c00, 0x7bff, 0xfc00, 0x7e00, 0x8000);
    const header = (dtype: string) => `{"x":{"dtype":"${dtype}","shape":[8],"data_offsets":[0,16]}}`;
    const file = (dtype: string) => {
      const bytes = fileOf(header(dtype), 16);
      bytes.set(new Uint8Array(bits.buffer), bytes.length - 16);
      return readSafetensors(bytes).tensors.get("x")!.data;
    };
    expect([...file("F16")]).toEqual([2 ** -24, 1023 * 2 ** -24, 2 ** -14, 1, 65504, -Infinity, NaN, -0]);
    // The same bits as the upper half of a float32.
    expect(file("BF16")).toEqual(new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer));
  });

  it("takes a model's weights to a file and into another model, whole numbers too, and those that it has no place for only if told", () => {
    const [trained, fresh] = [leNet5({ rng: new Rng(1) }), leNet5({ rng: new Rng(2) })];
    const bytes = saveSafetensors({ ...trained.stateDict(), "bn.num_batches_tracked": { shape: [], data: BigInt64Array.of(9n) } });
    expect(() => fresh.loadStateDict(weightsOf(readSafetensors(bytes)))).toThrow("the state holds bn.num_batches_tracked");
    expect(fresh.loadStateDict(weightsOf(readSafetensors(bytes)), { except: "bn" })).toMatchObject({ missing: [], unexpected: ["bn.num_batches_tracked"] });
    expect(fresh.stateDict()).toEqual(trained.stateDict());
    const large = readSafetensors(saveSafetensors({ n: { shape: [2], data: BigInt64Array.of(2n ** 53n - 1n, 2n ** 53n + 1n) } }));
    expect(() => weightsOf(large)).toThrow('"n" holds 9007199254740993 at position 1');
    expect(() => new Linear(3, 2, { rng: new Rng(1) }).loadStateDict(trained.stateDict())).toThrow("loadStateDict: the state holds conv1.weight");
  });

  it("refuses to save what the format cannot hold", () => {
    expect(() => saveSafetensors({ w: f32([1, 2], [3]) })).toThrow('safetensors: "w" has 2 numbers and the shape [3].');
    expect(() => saveSafetensors({ __metadata__: f32([1]) })).toThrow("safetensors: an array is named __metadata__");
    expect(() => saveSafetensors({ w: { shape: [1], data: new Uint8ClampedArray(1) as never } })).toThrow('safetensors: "w" holds no typed array of Float64Array');
    expect(() => saveSafetensors({ "\ud800": f32([1]) })).toThrow("is no valid Unicode");
  });
});

describe("a broken safetensors file is refused", () => {
  const x = (fields: string) => `{"x":{${fields}}}`;
  const good = '"dtype":"F32","shape":[2],"data_offsets":[0,8]';
  const entry = (name: string, begin: number, end: number) => `"${name}":{"dtype":"U8","shape":[${end - begin}],"data_offsets":[${begin},${end}]}`;
  const bytesOf = (...codes: number[]) => Uint8Array.from(codes);

  it.each<[string, Uint8Array, string]>([
    ["no bytes", new Uint8Array(0), "the file has 0 bytes. It needs eight"],
    ["seven bytes", new Uint8Array(7), "the file has 7 bytes."],
    ["no header", fileOf(""), "the header is empty."],
    ["a header past the end", fileOf("{}", 0, 3n), "the header's length is 3 bytes, but only 2 follow."],
    ["a header of more than 100 MB", fileOf("{}", 0, 100_000_001n), "the header's length is 100000001 bytes. At most 100000000 are read."],
    ["a header of 2^53 + 1 bytes", fileOf("{}", 0, 2n ** 53n + 1n), "the header's length is 9007199254740992 bytes."],
    ["a header of 2^63 bytes", fileOf("{}", 0, 2n ** 63n), "the header's length is 9223372036854776000 bytes."],
    ["blanks before the header", fileOf(" {}"), "the header begins with byte 32. It begins with {."],
    ["a list as header", fileOf("[]"), "the header begins with byte 91."],
    ["a byte order mark", fileOf("\ufeff{}"), "the header begins with byte 239."],
    ["bytes that are no UTF-8", fileOf(bytesOf(0x7b, 0x22, 0xff, 0x22, 0x7d)), "the header is no valid UTF-8."],
    ["a header cut off", fileOf('{"x":'), 'the header ends where "{" should stand (character 5 of the header).'],
    ["a text cut off", fileOf('{"x\\'), "the header ends where"],
    ["something after the header", fileOf("{} {}"), 'there is "{" after the end of the header'],
    ["zeros after the header", fileOf("{}\0\0"), "after the end of the header"],
    ["a comma too many", fileOf(`{${entry("a", 0, 1)},}`, 1), 'there is "}" where "\\"" should stand'],
    ["a name twice", fileOf(`{"x":{${good}},"x":{${good}}}`, 8), 'the header has the key "x" twice'],
    ["a name twice, once escaped", fileOf(`{"x":{${good}},"\\u0078":{${good}}}`, 8), 'the header has the key "x" twice'],
    ["a key twice", fileOf(x(`${good},"dtype":"I32"`), 8), '"x" has the key "dtype" twice'],
    ["a key too few", fileOf(x('"dtype":"F32","shape":[2]'), 8), '"x" lacks data_offsets'],
    ["an unknown key", fileOf(x(`${good},"strides":[1]`), 8), '"x" has the unknown key "strides".'],
    ["a number as tensor", fileOf('{"x":1}'), 'there is "1" where "{" should stand'],
    ["a number as element type", fileOf(x('"dtype":7')), 'there is "7" where "\\"" should stand'],
    ["an unknown element type", fileOf(x('"dtype":"F8","shape":[2],"data_offsets":[0,8]'), 8), '"x" has the element type "F8". Known are F64, F32'],
    ["the element type constructor", fileOf(x('"dtype":"constructor","shape":[2],"data_offsets":[0,8]'), 8), 'has the element type "constructor"'],
    ["the element type __proto__", fileOf(x('"dtype":"__proto__","shape":[2],"data_offsets":[0,8]'), 8), 'has the element type "__proto__"'],
    ["null as shape", fileOf(x('"dtype":"F32","shape":null')), 'there is "n" where "[" should stand'],
    ["a negative size", fileOf(x('"dtype":"F32","shape":[-2]')), "a size or an offset is no whole number >= 0"],
    ["a fraction", fileOf(x('"dtype":"F32","shape":[2],"data_offsets":[0,8.0]')), "no whole number"],
    ["an exponent", fileOf(x('"dtype":"F32","shape":[2],"data_offsets":[0,8e0]')), "no whole number"],
    ["NaN", fileOf(x('"dtype":"F32","shape":[2],"data_offsets":[0,NaN]')), "no whole number"],
    ["a leading zero", fileOf(x('"dtype":"F32","shape":[02]')), "no whole number"],
    ["a size of 2^53", fileOf(x('"dtype":"F32","shape":[9007199254740992]')), "9007199254740992 is larger than any file (2^53)"],
    ["a number of 1,000 digits", fileOf(x(`"dtype":"F32","shape":[${"9".repeat(1000)}]`)), "99999999999999999999 is larger than any file"],
    ["sizes whose product overflows", fileOf(x('"dtype":"F32","shape":[4294967296,4294967296,0,3037000500],"data_offsets":[0,8]'), 8), '"x" has 8 bytes, but F32 of shape'],
    ["three offsets", fileOf(x('"dtype":"F32","shape":[2],"data_offsets":[0,8,8]'), 8), "has the data_offsets [0, 8, 8]. They are two"],
    ["offsets in reverse", fileOf(x('"dtype":"F32","shape":[2],"data_offsets":[8,0]'), 8), "has the data_offsets [8, 0]."],
    ["fewer bytes than the shape", fileOf(x('"dtype":"F32","shape":[3],"data_offsets":[0,8]'), 8), '"x" has 8 bytes, but F32 of shape [3] needs 12.'],
    ["two tensors on the same bytes", fileOf(`{${entry("a", 0, 4)},${entry("b", 0, 4)}}`, 4), '"b" begins at byte 0, the tensor before it ends at byte 4.'],
    ["tensors that overlap", fileOf(`{${entry("a", 0, 4)},${entry("b", 3, 8)}}`, 8), '"b" begins at byte 3, the tensor before it ends at byte 4.'],
    ["a gap", fileOf(`{${entry("a", 0, 4)},${entry("b", 5, 8)}}`, 8), '"b" begins at byte 5, the tensor before it ends at byte 4.'],
    ["a gap at the start", fileOf(`{${entry("a", 1, 4)}}`, 4), '"a" begins at byte 1, the tensor before it ends at byte 0.'],
    ["bytes too few", fileOf(x(good), 7), "the tensors fill 8 bytes, but 7 follow the header."],
    ["bytes too many", fileOf(x(good), 9), "the tensors fill 8 bytes, but 9 follow the header."],
    ["metadata that are no texts", fileOf('{"__metadata__":{"a":1}}'), 'there is "1" where "\\"" should stand'],
    ["metadata that are a text", fileOf('{"__metadata__":"a"}'), 'where "{" should stand'],
    ["metadata twice", fileOf('{"__metadata__":{},"__metadata__":{}}'), 'the header has the key "__metadata__" twice'],
    ["half a character", fileOf(`{"\\ud800":{${good}}}`, 8), "a text is no valid Unicode"],
    ["an escape that JSON does not have", fileOf(`{"\\x":{${good}}}`, 8), "an escape that JSON does not have"],
    ["lists 200,000 deep", fileOf(x(`"dtype":"F32","shape":${"[".repeat(200_000)}`)), "no whole number"],
    ["objects 200,000 deep", fileOf('{"a":'.repeat(200_000)), '"a" has the unknown key "a".'],
  ])("%s", (_, bytes, message) => {
    let error: unknown;
    try {
      readSafetensors(bytes, { file: "model.safetensors" });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(SafetensorsError);
    expect(error).toMatchObject({ code: "LLR_SAFETENSORS", file: "model.safetensors" });
    expect((error as Error).message).toContain(`safetensors: model.safetensors: `);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message.length).toBeLessThan(400);
  });

  it("names of Object's properties are ordinary names", () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
    const { tensors } = readSafetensors(fileOf(`{${names.map((name, i) => entry(name, i, i + 1)).join(",")}}`, 4));
    expect([...tensors.keys()]).toEqual(names);
    const floats = readSafetensors(fileOf(`{"__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`));
    expect(Object.keys(weightsOf(floats))).toEqual(["__proto__"]);
    expect(({} as { shape?: unknown }).shape).toBeUndefined();
  });

  it("reads 20,000 tensors, in any order of their bytes, and tensors without elements anywhere", () => {
    const many = Array.from({ length: 20_000 }, (_, i) => entry(`layer.${i}.weight`, 19_999 - i, 20_000 - i));
    expect(readSafetensors(fileOf(`{${many.join(",")}}`, 20_000)).tensors.size).toBe(20_000);
    const empty = '"e":{"dtype":"F32","shape":[3,0],"data_offsets":[4,4]}';
    expect(readSafetensors(fileOf(`{${entry("a", 0, 4)},${entry("b", 4, 8)},${empty}}`, 8)).tensors.get("e")).toMatchObject({ shape: [3, 0] });
  });

  it("with any byte changed it is read or refused with an error of ours, and never more than it holds", () => {
    const rng = new Rng(4);
    const file = saveSafetensors({ "conv1.weight": f32([1, 2, 3, 4, 5, 6], [2, 3]), n: { shape: [2], data: BigInt64Array.of(1n, -1n) }, flags: { shape: [3], data: Uint8Array.of(1, 0, 1) } }, { metadata: { format: "pt" } });
    for (let run = 0; run < 20_000; run++) {
      const mutant = file.slice();
      for (let flips = 1 + rng.integer(3); flips > 0; flips--) mutant[rng.integer(mutant.length)] ^= 1 << rng.integer(8);
      const cut = rng.integer(4) === 0 ? mutant.subarray(0, rng.integer(mutant.length)) : mutant;
      try {
        const { tensors } = readSafetensors(cut);
        const total = [...tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
        expect(total).toBeLessThanOrEqual(file.length);
      } catch (error) {
        if (!(error instanceof SafetensorsError)) throw error;
      }
    }
  });
});
