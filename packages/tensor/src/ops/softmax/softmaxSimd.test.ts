import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { below, homesAgree, positive } from "../../conformance.ts";
import { apply, crossEntropyOp, logSoftmaxGradOp, logSoftmaxOp, softmax, softmaxGradOp, softmaxOp, tensor } from "../../index.ts";

const columns = [...Array.from({ length: 20 }, (_, i) => i), 100, 1000];

describe("simd kernels over rows", () => {
  it.each([softmaxOp, logSoftmaxOp])("$name agrees with the reference for rows of every length, and for other axes", (op) => {
    homesAgree(op, columns.map((n) => ({ inputs: [{ shape: [3, n] }], attrs: { axis: 1 }, terms: n })));
    homesAgree(op, [[[7], 0], [[0, 3], 1], [[2, 3, 5], 2], [[2, 3, 5], 1]].map(([shape, axis]) => ({ inputs: [{ shape: shape as number[] }], attrs: { axis: axis as number } })));
  });

  it.each([softmaxGradOp, logSoftmaxGradOp])("$name agrees with the reference for rows of every length", (op) => {
    homesAgree(op, columns.map((n) => ({ inputs: [{ shape: [3, n], fill: positive }, { shape: [3, n] }], attrs: { axis: 1 }, terms: n })));
  });

  it("crossEntropy agrees with the reference, forward and backward", () => {
    homesAgree(crossEntropyOp, columns.slice(1).flatMap((classes) => [1, 3, 32].map((batch) => ({
      inputs: [{ shape: [batch, classes] }, { shape: [batch], dtype: "i32" as const, fill: below(classes) }], attrs: null, terms: batch * classes,
    }))));
  });

  it("a label that slipped past the check makes the loss NaN, as in the reference, and touches nothing else", () => {
    expect(apply(crossEntropyOp, [tensor([[1, 2]]), tensor(Int32Array.of(-1))], null).item()).toBeNaN();
    expect(apply(crossEntropyOp, [tensor([[1, 2]]), tensor(Int32Array.of(1 << 30))], null).item()).toBeNaN();
  });
});

describe("crossEntropy in single precision", () => {
  it("of a nearly certain class is the small number itself, not a multiple of 1.2e-7", () => {
    // log(1 + e^-14) = 8.3e-7: a sum in single precision would have room for 7 different values below that.
    const logits = tensor([[14, 0]]);
    const labels = tensor(Int32Array.of(0));
    const exact = Math.log1p(Math.exp(-14));
    expect(Math.abs(apply(crossEntropyOp, [logits, labels], null).item() / exact - 1)).toBeLessThan(1e-6);
  });
});

it("softmax of f32 numbers of any size is a distribution", () => {
  fc.assert(
    fc.property(fc.array(fc.float({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 40 }), (row) => {
      const p = [...softmax(tensor(Float32Array.from(row))).toArray()];
      // 40 numbers, each off by 1.2e-7 of itself at most
      expect(Math.abs(p.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-6);
      expect(p.every((x) => x >= 0 && x <= 1.000001)).toBe(true);
    }),
  );
});
