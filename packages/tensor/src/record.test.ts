// What anybody may hand to the engine: own ops with wrong records, sizes that are none, arguments that are no tensors. After
// every refusal the same numbers are computed as before; a NaN in the allocator's books would make blocks overlap.
import { afterEach, describe, expect, it } from "vitest";
import type { Primitive, Shape, View } from "./index.ts";
import * as llr from "./index.ts";
import { apply, ArgumentError, assign, buffer, DTypeError, full, matmul, memoryStats, MemoryError, mul, ones, OpRecordError, scope, ShapeError, sum, tensor, zeros } from "./index.ts";
import { allocateBlock } from "./memory.ts";
import { pinnedArray } from "./pinned.ts";

const copy: Primitive<null> = {
  kind: "primitive", name: "copy", saves: [], nan: "propagates",
  shape: ([x]) => x,
  reference: (out, [x]) => out.set(x.subarray(0, out.length)),
  derivative: (dOut) => [dOut],
};
const part: View<null> = { kind: "view", name: "part", saves: [], nan: "propagates", shape: ([x]) => x, offset: () => 0, derivative: { refuse: "" } };
const own = (changes: object) => ({ ...copy, ...changes }) as Primitive<null>;
const view = (changes: object) => ({ ...part, ...changes }) as View<null>;

let before = memoryStats();
afterEach(() => {
  expect(scope(() => mul(full([500], 3), full([500], 2))).toArray().every((x) => x === 6)).toBe(true);
  expect(scope(() => sum(matmul(ones([40, 40]), ones([40, 40]))).item())).toBe(64_000);
  const { blocks, liveBytes } = memoryStats();
  expect({ blocks, liveBytes }).toEqual({ blocks: before.blocks, liveBytes: before.liveBytes });
  before = memoryStats();
});

const everywhere = (fn: () => unknown, kind: new (...args: never[]) => Error, phrase: string | RegExp) => {
  for (const run of [fn, () => scope(fn)]) {
    expect(run).toThrow(kind);
    expect(run).toThrow(phrase);
  }
};

describe("a wrong record is refused before its kernel runs", () => {
  it.each<[string, object, string]>([
    ["a shape with a size that is undefined", { shape: ([x]: Shape[]) => [x[0], 2 * x[1]] }, "its shape rule gives [3, NaN] for inputs of [3]"],
    ["a fraction as size", { shape: () => [1.5] }, "its shape rule gives [1.5]"],
    ["a negative size", { shape: () => [-2] }, "gives [-2]"],
    ["a number as shape", { shape: () => 3 }, "gives 3"],
    ["no shape", { shape: () => undefined }, "gives undefined"],
    ["an unknown element type", { dtype: () => "f16" }, "its dtype rule gives f16"],
    ["a property of objects as element type", { dtype: () => "toString" }, "its dtype rule gives toString"],
    ["a hidden output of no size", { aux: () => [{ shape: [NaN], dtype: "i32" }] }, "hidden output 0"],
    ["a hidden output of an unknown type", { aux: () => [{ shape: [3], dtype: "i8" }] }, "hidden output 0"],
    ["a hidden output that is none", { aux: () => [null] }, "hidden output 0 is null"],
    ["hidden outputs that are no list", { aux: () => ({ shape: [3], dtype: "i32" }) }, "its aux rule gives an object"],
  ])("%s", (_, changes, phrase) => {
    everywhere(() => apply(own(changes), [tensor([1, 2, 3])], null), OpRecordError, phrase);
    everywhere(() => apply(own(changes), [tensor([1, 2, 3])], null), OpRecordError, /^copy: /);
  });

  it.each<[string, object, string]>([
    ["no kind", { kind: undefined }, "the kind of its record is undefined"],
    ["a kind that objects have as property", { kind: "toString" }, 'is "toString"'],
    ["no shape rule", { shape: undefined }, "its record has undefined as shape rule"],
    ["no kernel", { reference: undefined }, "its record has no kernel"],
    ["a fused kind without a forward kernel", { kind: "fused", reference: {} }, "its record has no kernel"],
  ])("a record with %s", (_, changes, phrase) => everywhere(() => apply(own(changes), [tensor([1, 2, 3])], null), OpRecordError, phrase));

  it.each([undefined, null, "add"])("%s as record", (record) => everywhere(() => apply(record as never, [tensor([1])], null), ArgumentError, "the op is"));

  it("a missing shape of an op without inputs", () => everywhere(() => apply(own({ shape: () => undefined, dtype: () => "f32" }), [], null), OpRecordError, "gives undefined"));

  it.each<[string, object]>([
    ["of more numbers than its input has", { shape: () => [9] }],
    ["that begins before its input", { offset: () => -1 }],
    ["that ends after it", { shape: () => [2], offset: () => 2 }],
    ["that begins between two numbers", { shape: () => [2], offset: () => 0.5 }],
    ["that begins nowhere", { offset: () => NaN }],
  ])("a view %s", (_, changes) => everywhere(() => apply(view(changes), [tensor([1, 2, 3])], null), OpRecordError, "A view lies within its input"));

  it("a view of a view stays within what that one views", () => {
    const tail = view({ shape: () => [2], offset: () => 1 });
    expect(apply(tail, [tensor([1, 2, 3])], null).toArray()).toEqual(Float32Array.of(2, 3));
    expect(() => apply(tail, [apply(tail, [tensor([1, 2, 3])], null)], null)).toThrow(OpRecordError);
  });
});

describe("a size that no memory has is refused as such, inside scopes and outside", () => {
  it.each<[string, () => unknown]>([
    ["of 64 GiB", () => zeros([2 ** 32, 4])],
    ["of 2^60 numbers", () => zeros([2 ** 20, 2 ** 20, 2 ** 20])],
    ["whose product overflows", () => ones(Array<number>(25).fill(2 ** 52))],
    ["one number above the limit", () => full([2 ** 30], 1)],
    ["of a tiled tensor", () => apply(own({ shape: () => [2 ** 31, 2] }), [tensor([1])], null)],
  ])("%s", (_, make) => everywhere(make, MemoryError, /4 GiB/));

  it("sizes that are none are no matter of memory", () => {
    for (const shape of [[-1], [0.5], [NaN], [Infinity], ["3"], 3, null, undefined] as unknown as Shape[]) everywhere(() => zeros(shape), ShapeError, /^zeros: .*sizes/i);
    everywhere(() => zeros([2], { dtype: "f16" as never }), DTypeError, "zeros: the element type is f16");
  });

  it("a shape without numbers needs no memory, whatever its other sizes", () => {
    expect(zeros([0, 2 ** 40, 2 ** 12]).size).toBe(0);
    expect(scope(() => zeros([2 ** 52, 0])).size).toBe(0);
  });

  it("no other door to the allocator is open", () => {
    for (const bytes of [NaN, -1, 0.5, Infinity, 2 ** 60]) expect(() => allocateBlock(bytes)).toThrow();
    for (const shape of [[NaN], [-1], [1.5]]) expect(() => pinnedArray("f32", shape, "state")).toThrow(ShapeError);
    expect(() => pinnedArray("f32", [2 ** 33], "state")).toThrow(MemoryError);
    expect(() => pinnedArray("f16" as never, [2], "state")).toThrow(DTypeError);
  });
});

describe("an argument that is no tensor is refused by name", () => {
  it.each<[string, unknown]>([["an array", [0, 0]], ["nothing", undefined], ["null", null], ["a typed array", Float32Array.of(1)], ["a lookalike", { size: NaN, dtype: "f32", shape: [2] }]])("%s", (_, value) => {
    everywhere(() => buffer(value as never), ArgumentError, /^buffer: it was given .*make one with tensor\(\)/);
    everywhere(() => assign(value as never, tensor([1])), ArgumentError, /^assign: it was given/);
    everywhere(() => apply(copy, [value as never], null), ArgumentError, /^copy: an input is/);
    everywhere(() => apply(copy, value as never, null), ArgumentError, /^copy: /);
  });

  it("by every function that looks at shapes before an op runs", () => {
    const functions = Object.entries(llr).filter(([name, f]) => typeof f === "function" && /^(arg|sum|mean|max$|min$|prod|std|variance|norm$|softmax|log|soft|elu|celu|leaky|prelu|gather|scatter|embedding|bce|nll|mse|l1|huber|smooth|klDiv|cosine|crossEntropy|linear|matmul|outer|squeeze|unsqueeze|tile|flip|sort|cumSum|concat|stack|conv|layerNorm|instanceNorm|where|keep|drop$|transpose)/.test(name));
    expect(functions.length).toBeGreaterThan(45);
    for (const [name, f] of functions) for (const value of [undefined, null, 5, "x", {}, Float32Array.of(1)]) {
      let code: unknown = "taken";
      try {
        (f as (...args: unknown[]) => unknown)(value);
      } catch (error) {
        ({ code } = error as { code?: string });
      }
      expect(`${name}: ${String(code)}`).toMatch(/: LLR_(ARGUMENT|SHAPE|DTYPE)$/);
    }
  });
});
