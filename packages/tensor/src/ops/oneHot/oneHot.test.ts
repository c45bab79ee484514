import { expect, it } from "vitest";
import { below, conformance } from "../../conformance.ts";
import { argMax, oneHot, oneHotOp, ones, tensor } from "../../index.ts";

it("oneHot is complete: labels of any shape, none at all", () => {
  conformance(oneHotOp, [[4], [2, 3], [], [0]].map((shape) => ({ inputs: [{ shape, dtype: "i32", fill: below(5) }], attrs: { depth: 5, dtype: "f64" } })));
});

it("the position of the 1 is the label", () => {
  const labels = Int32Array.of(3, 0, 2);
  expect([...argMax(oneHot(tensor(labels), { depth: 4 })).toArray()]).toEqual([...labels]);
});

it("labels out of range or of another type are refused", () => {
  expect(() => oneHot(tensor(Int32Array.of(0, -1)), { depth: 4 })).toThrow("oneHot: label -1 at position 1 is outside [0, 4).");
  expect(() => oneHot(ones([2]), { depth: 4 })).toThrow("oneHot: the labels have the element type f32.");
  expect(() => oneHot(tensor(Int32Array.of()), { depth: 1.5 })).toThrow("oneHot: depth is 1.5.");
});
