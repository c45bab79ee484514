import { describe, expect, it } from "vitest";
import { conformance } from "../../conformance.ts";
import { concat, concatOp, ones, stack, tensor } from "../../index.ts";

const numbers = (t: { toArray(): ArrayLike<number> }) => Array.from(t.toArray());

describe("concat", () => {
  it("is complete: one or several tensors, any axis, parts of no entries", () => {
    conformance(concatOp, [
      { inputs: [{ shape: [2] }, { shape: [3] }], attrs: { axis: 0 } },
      { inputs: [{ shape: [2, 1] }, { shape: [2, 3] }, { shape: [2, 2] }], attrs: { axis: 1 } },
      { inputs: [{ shape: [2, 1, 2] }, { shape: [2, 0, 2] }, { shape: [2, 2, 2] }], attrs: { axis: 1 } },
      { inputs: [{ shape: [2, 3] }], attrs: { axis: 0 } },
      { inputs: [{ shape: [0] }, { shape: [0] }], attrs: { axis: 0 } },
    ]);
  });

  it("joins along the last axis, and keeps whole numbers", () => {
    const joined = concat([tensor(Int32Array.of(1, 2), [2, 1]), tensor(Int32Array.of(3, 4, 5, 6), [2, 2])], { axis: -1 });
    expect(joined).toMatchObject({ dtype: "i32", shape: [2, 3] });
    expect(numbers(joined)).toEqual([1, 3, 4, 2, 5, 6]);
  });

  it("refuses no tensors, other sizes, other numbers of axes, and mixed dtypes", () => {
    expect(() => concat([])).toThrow("concat: no tensors. It needs at least one.");
    expect(() => concat([ones([2, 3]), ones([2, 4])])).toThrow("concat: shapes [2, 3] and [2, 4] cannot be joined along axis 0. All sizes but that of axis 0 must be equal.");
    expect(() => concat([ones([2]), ones([2, 1])], { axis: 0 })).toThrow("concat: shapes [2] and [2, 1]");
    expect(() => concat([ones([2]), tensor(Int32Array.of(1))])).toThrow("concat: inputs have the element types f32, i32. They must be equal");
    expect(() => concat([ones([2])], { axis: 1 })).toThrow("concat: axis 1 of a tensor with 1 axis.");
    expect(() => concat([tensor(1), tensor(2)])).toThrow("concat: axis 0 of a tensor with 0 axes.");
  });
});

describe("stack", () => {
  it("puts the tensors along a new axis, first, between or last", () => {
    const [a, b] = [tensor([[1, 2], [3, 4]]), tensor([[5, 6], [7, 8]])];
    expect(numbers(stack([a, b]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(numbers(stack([a, b], { axis: 1 }))).toEqual([1, 2, 5, 6, 3, 4, 7, 8]);
    expect(numbers(stack([a, b], { axis: -1 }))).toEqual([1, 5, 2, 6, 3, 7, 4, 8]);
    expect(stack([tensor(1), tensor(2), tensor(3)]).shape).toEqual([3]);
    expect(stack([ones([0, 2]), ones([0, 2])], { axis: 1 }).shape).toEqual([0, 2, 2]);
  });

  it("refuses no tensors and shapes that differ", () => {
    expect(() => stack([])).toThrow("stack: no tensors.");
    expect(() => stack([ones([2]), ones([1])])).toThrow("stack: shapes [2] and [1] differ. All must be equal; concat joins along an axis of different sizes.");
    expect(() => stack([ones([2])], { axis: 2 })).toThrow("stack: axis 2 of a tensor with 2 axes.");
  });
});
