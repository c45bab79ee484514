import { expect, it } from "vitest";
import { conformance } from "../../conformance.ts";
import { argMax, argMaxOp, tensor } from "../../index.ts";

it("argMax is complete along any axis, kept or not", () => {
  conformance(argMaxOp, [0, 1, 2].flatMap((axis) => [true, false].map((keepDims) => ({ inputs: [{ shape: [2, 3, 4] }], attrs: { axis, keepDims } }))));
});

it("the first of equal maxima wins, and the first NaN before any number", () => {
  expect([...argMax(tensor([[3, 3, 1], [NaN, 9, NaN], [1, NaN, 2]])).toArray()]).toEqual([0, 0, 1]);
  expect([...argMax(tensor([[1, 5], [2, 0]]), { axis: 0 }).toArray()]).toEqual([1, 0]);
});

it("an axis without elements is refused", () => {
  expect(() => argMax(tensor(new Float32Array(0), [2, 0]))).toThrow("argMax: axis 1 of [2, 0] has no elements.");
});
