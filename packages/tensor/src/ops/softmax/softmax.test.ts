import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conformance } from "../../conformance.ts";
import { add, log, logSoftmax, logSoftmaxGradOp, logSoftmaxOp, softmax, softmaxGradOp, softmaxOp, sum, tensor } from "../../index.ts";

describe("softmax and logSoftmax", () => {
  it.each([softmaxOp, logSoftmaxOp])("$name is complete along any axis", (op) => {
    conformance(op, [[[5], 0], [[2, 3], 1], [[3, 2], 0], [[2, 3, 2], 1], [[0, 3], 1]].map(([shape, axis]) => ({ inputs: [{ shape: shape as number[] }], attrs: { axis: axis as number } })));
  });

  it.each([softmaxGradOp, logSoftmaxGradOp])("$name, a derivative in one pass, is complete itself", (op) => {
    conformance(op, [[[5], 0], [[2, 3], 1], [[3, 2], 0], [[2, 3, 2], 1], [[0, 3], 1]].map(([shape, axis]) => ({ inputs: [{ shape: shape as number[] }, { shape: shape as number[] }], attrs: { axis: axis as number } })));
  });

  it("rows of softmax sum to 1, and adding a constant changes nothing", () => {
    const numbers = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(numbers, fc.double({ min: -1000, max: 1000, noNaN: true }), (row, shift) => {
        const x = tensor(Float64Array.from(row));
        expect(sum(softmax(x)).item()).toBeCloseTo(1, 12);
        const shifted = softmax(add(x, shift)).toArray();
        softmax(x).toArray().forEach((p, i) => expect(shifted[i]).toBeCloseTo(p, 10)); // 1000 + x keeps 13 digits of x
      }),
    );
  });

  it("logSoftmax is the logarithm of softmax where that can be computed, and finite where it cannot", () => {
    const x = tensor(Float64Array.of(1, -2, 0.5));
    log(softmax(x)).toArray().forEach((l, i) => expect(logSoftmax(x).toArray()[i]).toBeCloseTo(l, 12));
    expect([...logSoftmax(tensor([0, -1e4])).toArray()]).toEqual([0, -1e4]);
  });

  it("an axis that does not exist is refused", () => {
    expect(() => softmax(tensor([1]), { axis: 1 })).toThrow("softmax: axis 1 of a tensor with 1 axis. It must lie in [-1, 1).");
    expect(() => softmax(tensor(1))).toThrow("softmax: axis -1 of a tensor with 0 axes");
  });
});
