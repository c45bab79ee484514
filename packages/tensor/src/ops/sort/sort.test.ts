import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conformance, distinct } from "../../conformance.ts";
import { argSort, argSortOp, ones, sort, tensor, topk } from "../../index.ts";

const numbers = (t: { toArray(): ArrayLike<number> }) => Array.from(t.toArray());

describe("sort", () => {
  it("argSort is complete: any axis, both directions, lines of no or one element", () => {
    for (const descending of [false, true])
      conformance(argSortOp, ([[[5], 0], [[3, 4], 0], [[2, 3, 2], 1], [[2, 0], 1], [[3, 1], 1]] as const).map(([shape, axis]) => ({ inputs: [{ shape, fill: distinct }], attrs: { axis, descending } })));
  });

  it("agrees with the sort of the language, and the indices lead to the values", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 12 }), (list) => {
        const { values, indices } = sort(tensor(Float32Array.from(list)));
        expect(numbers(values)).toEqual([...list].sort((a, b) => a - b));
        expect(numbers(indices).map((i) => list[i])).toEqual(numbers(values));
      }),
    );
  });

  it("equal elements keep their order in both directions", () => {
    const x = tensor([2, 1, 2, 1, -0, 0]);
    expect(numbers(argSort(x))).toEqual([4, 5, 1, 3, 0, 2]);
    expect(numbers(argSort(x, { descending: true }))).toEqual([0, 2, 1, 3, 4, 5]);
  });

  it("NaN is larger than every number", () => {
    const x = tensor([NaN, 1, Infinity, NaN, -Infinity]);
    expect(numbers(argSort(x))).toEqual([4, 1, 2, 0, 3]);
    expect(numbers(topk(x, { k: 3 }).indices)).toEqual([0, 3, 2]);
  });

  it("sorts along the first axis, and whole numbers", () => {
    const { values } = sort(tensor(Int32Array.of(3, 1, 2, 4), [2, 2]), { axis: 0 });
    expect(values.dtype).toBe("i32");
    expect(numbers(values)).toEqual([2, 1, 3, 4]);
  });

  it("refuses axes that do not exist", () => {
    expect(() => sort(ones([2]), { axis: 1 })).toThrow("sort: axis 1 of a tensor with 1 axis.");
  });
});

describe("topk", () => {
  it("is the beginning of the sorted axis", () => {
    const x = tensor([[4, 9, 2], [7, 1, 8]]);
    for (const largest of [true, false]) {
      const { values, indices } = topk(x, { k: 2, axis: 1, largest });
      const sorted = sort(x, { axis: 1, descending: largest });
      expect(numbers(values)).toEqual([0, 1, 3, 4].map((i) => numbers(sorted.values)[i]));
      expect(numbers(indices)).toEqual([0, 1, 3, 4].map((i) => numbers(sorted.indices)[i]));
    }
    expect(topk(x, { k: 0 }).values.shape).toEqual([2, 0]);
  });

  it("refuses more than there are", () => {
    expect(() => topk(ones([2, 3]), { k: 3, axis: 0 })).toThrow("topk: k is 3, axis 0 of [2, 3] has 2 elements. It needs a whole number from 0 to that.");
  });
});
