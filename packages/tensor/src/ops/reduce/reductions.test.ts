// max, min, prod, norm, logSumExp, var, std and cumSum; sum and mean are in reduce.test.ts.
import { describe, expect, it } from "vitest";
import { awayFromZero, conformance, distinct, type InputSpec } from "../../conformance.ts";
import { argMin, argMinOp, centeredOp, cumSum, cumSumOp, logSumExp, logSumExpOp, max, maxOp, min, minOp, norm, normOp, type Op, prod, prodOp, std, stdOp, type Tensor, tensor, variance, varOp } from "../../index.ts";

const numbers = (t: Tensor): number[] => Array.from(t.toArray());
const some = [{ shape: [], axes: [] }, { shape: [5], axes: [0] }, { shape: [2, 3], axes: [0] }, { shape: [2, 3], axes: [0, 1] }, { shape: [2, 3, 2], axes: [0, 2] }, { shape: [2, 3], axes: [] }, { shape: [0, 3], axes: [1] }];
const none = [{ shape: [0], axes: [0] }, { shape: [2, 0], axes: [1] }, { shape: [0, 3], axes: [0, 1] }];

function complete<A>(op: Op<A & { axes: number[]; keepDims: boolean }>, extra: A, cases: readonly { shape: number[]; axes: number[] }[], fill?: InputSpec["fill"]): void {
  for (const keepDims of [false, true]) conformance(op, cases.map(({ shape, axes }) => ({ inputs: [{ shape, ...(fill && { fill }) }], attrs: { ...extra, axes, keepDims } })));
}

describe("reductions", () => {
  it("are complete: any axes, none, all, and over no elements where that has a value", () => {
    complete(maxOp, {}, some, distinct);
    complete(minOp, {}, some, distinct);
    complete(prodOp, {}, [...some, ...none]);
    complete(logSumExpOp, {}, some); // over no elements it is -Infinity, see below
    for (const p of [1, 2, 3, 1.5]) complete(normOp, { p }, [...some, ...none], awayFromZero);
    for (const ddof of [0, 1]) {
      complete(varOp, { ddof }, some.filter(({ shape, axes }) => axes.length > 0 && shape[0] !== 0));
      complete(stdOp, { ddof }, some.filter(({ shape, axes }) => axes.length > 0 && shape[0] !== 0));
    }
    complete(centeredOp, {}, some);
    for (const reverse of [false, true]) conformance(cumSumOp, [{ shape: [4], axis: 0 }, { shape: [2, 3, 2], axis: 1 }, { shape: [3, 2], axis: 0 }, { shape: [0, 2], axis: 0 }].map(({ shape, axis }) => ({ inputs: [{ shape }], attrs: { axis, reverse } })));
    conformance(argMinOp, [{ inputs: [{ shape: [2, 5], fill: distinct }], attrs: { axis: 1, keepDims: false } }]);
  });

  it("products of zeros have the derivative of a product", () => {
    const zeros: NonNullable<InputSpec["fill"]> = (rng, i) => (i % 3 === 0 ? 0 : rng.normal());
    complete(prodOp, {}, [{ shape: [3], axes: [0] }, { shape: [5], axes: [0] }, { shape: [2, 3], axes: [1] }], zeros);
  });

  it("do not overflow where the result does not", () => {
    expect(numbers(norm(tensor([[3e38, 0], [3e-40, 4e-40]]), { axes: 1 }))).toEqual([Math.fround(3e38), Math.fround(5e-40)]);
    expect(logSumExp(tensor([1e4, 1e4])).item()).toBeCloseTo(1e4 + Math.log(2), 2);
    expect(norm(tensor(Float64Array.of(3e200, 4e200))).item()).toBeCloseTo(5e200, -190);
  });

  it("keep the digits of a variance around a large mean", () => {
    expect(variance(tensor([16777214, 16777216]), { ddof: 0 }).item()).toBe(1);
    expect(std(tensor([16777214, 16777216]), { ddof: 0 }).item()).toBe(1);
  });

  it("give the known values at their edges", () => {
    expect(numbers(max(tensor([[1, NaN], [2, 3]]), { axes: 1 }))).toEqual([NaN, 3]);
    expect(max(tensor([true, false])).dtype).toBe("bool");
    expect(min(tensor([-Infinity, 3])).item()).toBe(-Infinity);
    expect([prod(tensor([])).item(), norm(tensor([])).item(), norm(tensor([]), { p: Infinity }).item(), logSumExp(tensor([])).item()]).toEqual([1, 0, 0, -Infinity]);
    expect(numbers(logSumExp(tensor([[-Infinity, -Infinity], [Infinity, 0]]), { axes: 1 }))).toEqual([-Infinity, Infinity]);
    expect(norm(tensor([1, -3]), { p: Infinity }).item()).toBe(3);
    expect([variance(tensor([2])).item(), std(tensor([2]), { ddof: 0 }).item()]).toEqual([NaN, 0]);
    expect(numbers(argMin(tensor([[3, 1, 1], [NaN, 0, NaN]])))).toEqual([1, 0]);
  });

  it("refuse what they cannot do", () => {
    expect(() => max(tensor([]))).toThrow("max: the axes [0] of [0] have no elements. It needs at least one.");
    expect(() => logSumExp(tensor([1]), { axes: 1 })).toThrow("logSumExp: axis 1 of a tensor with 1 axis.");
    expect(() => cumSum(tensor([[1, 2]]), { axis: 5 })).toThrow("cumSum: axis 5 of a tensor with 2 axes.");
    expect(() => norm(tensor([1]), { p: 0 })).toThrow("norm: p is 0. It needs a positive number, or Infinity.");
    expect(() => std(tensor([1]), { ddof: NaN })).toThrow("std: ddof is NaN.");
  });
});
