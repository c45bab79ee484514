import { describe, expect, it } from "vitest";
import { conformance } from "../../conformance.ts";
import { mean, meanOp, sum, sumOp, tensor } from "../../index.ts";

const cases = [
  { shape: [], axes: [] }, { shape: [4], axes: [0] }, { shape: [2, 3], axes: [0] }, { shape: [2, 3], axes: [1] }, { shape: [2, 3, 2], axes: [0, 2] }, { shape: [2, 3], axes: [] },
];

describe("reductions", () => {
  it.each([sumOp, meanOp])("$name is complete over any axes, kept or not", (op) => {
    conformance(op, cases.flatMap(({ shape, axes }) => [true, false].map((keepDims) => ({ inputs: [{ shape }], attrs: { axes, keepDims } }))));
  });

  it("a sum over nothing is 0, a mean over nothing is NaN", () => {
    const empty = tensor(new Float32Array(0), [0, 2]);
    expect([...sum(empty, { axes: 0 }).toArray()]).toEqual([0, 0]);
    expect(sum(empty, { axes: 1 }).shape).toEqual([0]);
    expect([...mean(empty, { axes: 0 }).toArray()]).toEqual([NaN, NaN]);
  });

  it("adds up in double precision", () => {
    const n = 1_000_000;
    expect(sum(tensor(new Float32Array(n).fill(0.1))).item()).toBe(Math.fround(n * Math.fround(0.1)));
  });

  it("axes out of range or named twice are refused", () => {
    const x = tensor([[1, 2], [3, 4]]);
    expect(() => sum(x, { axes: 2 })).toThrow("sum: axis 2 of a tensor with 2 axes. It must lie in [-2, 2).");
    expect(() => mean(x, { axes: [0, -2] })).toThrow("mean: axes [0, -2] name the same axis twice.");
  });
});
