import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { apply, full, noGrad, ones, reluOp, tensor, zeros } from "./index.ts";

describe("making tensors", () => {
  it.each([
    [3, [], "f32", [3]],
    [true, [], "bool", [1]],
    [[1, 2], [2], "f32", [1, 2]],
    [[[true], [false]], [2, 1], "bool", [1, 0]],
    [[[], []], [2, 0], "f32", []],
    [Float64Array.of(1, 2), [2], "f64", [1, 2]],
    [Int32Array.of(-1), [1], "i32", [-1]],
    [Uint8Array.of(0, 1), [2], "bool", [0, 1]],
    [{ shape: [1, 2], data: Float32Array.of(5, 6) }, [1, 2], "f32", [5, 6]],
  ] as const)("of %s", (source, shape, dtype, numbers) => {
    const t = tensor(source as never);
    expect(t).toMatchObject({ shape, dtype });
    expect([...t.toArray()]).toEqual([...numbers]);
  });

  it("takes a shape or a dtype besides", () => {
    expect(tensor([1, 2, 3, 4], [2, 2]).shape).toEqual([2, 2]);
    expect(tensor([1, 2], { dtype: "i32", shape: [1, 2] })).toMatchObject({ dtype: "i32", shape: [1, 2] });
    expect([...zeros([2]).toArray(), ...ones([1], { dtype: "f64" }).toArray(), ...full([2], 7).toArray()]).toEqual([0, 0, 1, 7, 7]);
  });

  it.each([
    ["ragged arrays", [[1, 2], [3]], "tensor: ragged arrays: axis 1 has an entry of length 1, the first has 2. All entries of an axis need the same length."],
    ["an array among numbers", [1, [2]], "tensor: ragged arrays: an array stands where axis 0 has numbers."],
    ["a number among arrays", [[1], 2], "tensor: ragged arrays: axis 1 has an entry of length none, the first has 1."],
    ["booleans among numbers", [1, true], "tensor: the arrays mix numbers and booleans."],
    ["an Int8Array", Int8Array.of(1), "tensor: a Int8Array has no element type here. Use a Float32Array, Float64Array, Int32Array or Uint8Array (bool)."],
    ["bytes as bool", Uint8Array.of(255), 'tensor: the number 255 at position 0 does not fit bool. It holds 0 or 1; give bytes as { dtype: "f32" } or "i32".'],
    ["a string", "1", "tensor: the source is neither a number, an array, a typed array nor { shape, data }."],
  ])("refuses %s", (_, source, message) => {
    expect(() => tensor(source as never)).toThrow(message);
  });

  it("refuses a shape of another size, or that is none, and numbers that the dtype cannot hold", () => {
    expect(() => tensor([1, 2, 3], [2, 2])).toThrow("tensor: 3 numbers for shape [2, 2], which holds 4. Give as many numbers as the shape holds.");
    expect(() => tensor([1], [-1])).toThrow("tensor: shape [-1] has the size -1. Sizes are whole numbers >= 0.");
    expect(() => zeros([1.5])).toThrow("zeros: shape [1.5] has the size 1.5.");
    expect(() => tensor([1, 0.5], { dtype: "i32" })).toThrow("tensor: the number 0.5 at position 1 does not fit i32. It holds whole numbers of 32 bits.");
    expect(() => tensor([2 ** 31], { dtype: "i32" })).toThrow("does not fit i32");
  });
});

describe("reading tensors", () => {
  it("item reads one number and refuses more", () => {
    expect(tensor([[7]]).item()).toBe(7);
    expect(() => tensor([1, 2]).item()).toThrow("item: the tensor has shape [2]. item() reads a single number; toArray() reads all.");
  });

  it("prints its shape and numbers, shortened where there are many", () => {
    expect(String(tensor([[1, 2.5], [-1 / 3, 4]]))).toBe("Tensor f32 [2, 2] [[1, 2.5], [-0.333333, 4]]");
    expect(inspect(tensor(Float32Array.from({ length: 100 }, (_, i) => i)))).toBe("Tensor f32 [100] [0, 1, 2, ..., 97, 98, 99]");
    expect(String(tensor(true))).toBe("Tensor bool [] 1");
  });
});

describe("apply", () => {
  it("refuses what is no tensor, naming the op", () => {
    expect(() => apply(reluOp, [[1, 2] as never], null)).toThrow("relu: an input is [1, 2]. It needs tensors of this copy of @llr/tensor; make one with tensor().");
    expect(() => apply(reluOp, [undefined as never], null)).toThrow("relu: an input is undefined.");
  });

  it("every refusal has a code that programs can branch on", () => {
    const codeOf = (fn: () => unknown) => {
      try { fn(); } catch (error) { return (error as { code: string }).code; }
      return "none";
    };
    expect(codeOf(() => tensor([[1], []]))).toBe("LLR_SHAPE");
    expect(codeOf(() => tensor([0.5], { dtype: "i32" }))).toBe("LLR_DTYPE");
    expect(codeOf(() => apply(reluOp, [1 as never], null))).toBe("LLR_ARGUMENT");
    expect(codeOf(() => noGrad(() => Promise.resolve()))).toBe("LLR_SCOPE");
  });
});
