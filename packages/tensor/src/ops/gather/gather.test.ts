import { describe, expect, it } from "vitest";
import { below, conformance } from "../../conformance.ts";
import { addAtOp, embedding, gather, gatherElements, gatherElementsOp, gatherOp, ones, scatterAdd, scatterAddOp, tensor, withKernels, zeros } from "../../index.ts";

const numbers = (t: { toArray(): ArrayLike<number> }) => Array.from(t.toArray());
const indices = (shape: number[], size: number) => ({ shape, dtype: "i32", fill: below(size) }) as const;
const ints = (values: number[], shape: number[] = [values.length]) => tensor(Int32Array.from(values), shape);

describe("gather", () => {
  it("gather and addAt are complete: any axis, indices of any shape, none at all, a constant entry", () => {
    for (const constant of [null, 1]) {
      conformance(gatherOp, [
        { inputs: [{ shape: [5] }, indices([7], 5)], attrs: { axis: 0, constant: null } },
        { inputs: [{ shape: [2, 3, 2] }, indices([2, 2], 3)], attrs: { axis: 1, constant: null } },
        { inputs: [{ shape: [2, 3] }, indices([], 3)], attrs: { axis: 1, constant: null } },
        { inputs: [{ shape: [2, 3] }, indices([0], 3)], attrs: { axis: 0, constant: null } },
        { inputs: [{ shape: [2, 0] }, indices([3], 2)], attrs: { axis: 0, constant: null } },
      ]);
      conformance(addAtOp, [
        { inputs: [{ shape: [7] }, indices([7], 5)], attrs: { axis: 0, constant, shape: [5] } },
        { inputs: [{ shape: [2, 2, 2, 2] }, indices([2, 2], 3)], attrs: { axis: 1, constant, shape: [2, 3, 2] } },
        { inputs: [{ shape: [2] }, indices([], 3)], attrs: { axis: 1, constant, shape: [2, 3] } },
        { inputs: [{ shape: [0, 3] }, indices([0], 2)], attrs: { axis: 0, constant, shape: [2, 3] } },
      ]);
    }
  });

  it("replaces the axis by the axes of the indices, and counts negative ones from the end", () => {
    const x = tensor([[1, 2, 3], [4, 5, 6]]);
    const picked = gather(x, ints([0, -1, 2, 1], [2, 2]), { axis: 1 });
    expect(picked.shape).toEqual([2, 2, 2]);
    expect(numbers(picked)).toEqual([1, 3, 3, 2, 4, 6, 6, 5]);
    expect(gather(ints([7, 8]), ints([1]))).toMatchObject({ dtype: "i32" });
  });

  it("refuses indices out of range or of another type", () => {
    expect(() => gather(ones([5, 2]), ints([1, 5]))).toThrow("gather: index 5 at position 1 is outside [-5, 5).");
    expect(() => gather(ones([5]), ints([-6]))).toThrow("gather: index -6 at position 0 is outside [-5, 5).");
    expect(() => gather(ones([0, 2]), ints([0]))).toThrow("gather: index 0 at position 0 is outside [0, 0).");
    expect(() => gather(ones([5]), tensor([1]))).toThrow("gather: the indices have the element type f32. They must be i32");
    expect(() => gather(tensor(1), ints([0]))).toThrow("gather: axis 0 of a tensor with 0 axes.");
  });

  it("adds up the gradients of an entry in double precision", () => {
    // In float32, 2^24 + 1 + 1 is 2^24.
    const sum = withKernels("reference", () => scatterAdd(zeros([1]), ints([0, 0, 0]), tensor([2 ** 24, 1, 1])).item());
    expect(sum).toBe(2 ** 24 + 2);
  });
});

describe("gatherElements and scatterAdd", () => {
  it("are complete: any axis, fewer indices than entries along the others, more along the axis, none", () => {
    const cases = [
      { x: [5], i: [3], axis: 0 }, { x: [3, 4], i: [3, 6], axis: 1 }, { x: [3, 4], i: [2, 2], axis: 0 }, { x: [2, 3, 2], i: [1, 4, 2], axis: 1 }, { x: [2, 3], i: [2, 0], axis: 1 }, { x: [0, 3], i: [0, 2], axis: 1 },
    ];
    for (const { x, i, axis } of cases) {
      const which = indices(i, Math.max(1, x[axis]));
      conformance(gatherElementsOp, [{ inputs: [{ shape: x }, which], attrs: { axis } }]);
      conformance(scatterAddOp, [{ inputs: [{ shape: x }, which, { shape: i }], attrs: { axis } }]);
    }
  });

  it("adding ones at the indices counts how often each is named", () => {
    expect(numbers(scatterAdd(zeros([4]), ints([3, 1, 3, 3]), ones([4])))).toEqual([0, 1, 0, 3]);
    expect(numbers(scatterAdd(zeros([2, 2]), ints([0, 0], [1, 2]), tensor([[1, 2], [3, 4]]), { axis: 0 }))).toEqual([1, 2, 0, 0]);
  });

  it("refuse what does not fit", () => {
    expect(() => gatherElements(ones([2, 3]), ints([0, 0, 0], [3, 1]))).toThrow("gatherElements: x is [2, 3], the indices are [3, 1]. They need as many axes, and no more indices than entries along any axis but 1.");
    expect(() => gatherElements(ones([2, 3]), ints([0]))).toThrow("gatherElements: x is [2, 3], the indices are [1].");
    expect(() => gatherElements(ones([3]), ints([3]))).toThrow("gatherElements: index 3 at position 0 is outside [0, 3).");
    expect(() => scatterAdd(ones([3]), ints([-1]), ones([1]))).toThrow("scatterAdd: index -1 at position 0 is outside [0, 3).");
    expect(() => scatterAdd(ones([3]), ints([0, 1]), ones([1]))).toThrow("scatterAdd: the indices are [2], the numbers to add [1]. It needs a number for each index.");
    expect(() => scatterAdd(ones([3]), ints([0]), tensor(Float64Array.of(1)))).toThrow("scatterAdd: inputs have the element types f32, i32, f64.");
  });
});

describe("embedding", () => {
  it("gives a row for each token, also the padding's own", () => {
    const table = tensor([[9, 9], [1, 2], [3, 4]]);
    const rows = embedding(table, ints([0, 2, 1, 2], [2, 2]), { paddingIdx: -3 });
    expect(rows.shape).toEqual([2, 2, 2]);
    expect(numbers(rows)).toEqual([9, 9, 3, 4, 1, 2, 3, 4]);
  });

  it("refuses tokens outside the table, and a table that is none", () => {
    expect(() => embedding(ones([3, 2]), ints([0, 3]))).toThrow("embedding: token 3 at position 1 is outside [0, 3).");
    expect(() => embedding(ones([3, 2]), ints([-1]))).toThrow("embedding: token -1 at position 0 is outside [0, 3).");
    expect(() => embedding(ones([3]), ints([0]))).toThrow("embedding: the weight is [3]. It needs a row for each token, [tokens, features].");
    expect(() => embedding(ones([3, 2]), ones([1]))).toThrow("embedding: the tokens have the element type f32.");
    expect(() => embedding(ones([3, 2]), ints([0]), { paddingIdx: 3 })).toThrow("embedding: paddingIdx is 3. It must be a whole number in [-3, 3).");
  });
});
