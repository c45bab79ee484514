import { describe, expect, it } from "vitest";
import { below, conformance } from "../../conformance.ts";
import { crossEntropy, crossEntropyOp, tensor } from "../../index.ts";

const labels = (...classes: number[]) => tensor(Int32Array.from(classes));

describe("crossEntropy", () => {
  it("is complete: kernels equal the definition and central differences", () => {
    conformance(crossEntropyOp, [[4, 3], [1, 5], [3, 1]].map(([batch, classes]) => ({
      inputs: [{ shape: [batch, classes] }, { shape: [batch], dtype: "i32", fill: below(classes) }],
      attrs: null,
    })));
  });

  it("is log(classes) for equal logits and does not overflow", () => {
    expect(crossEntropy(tensor([[7, 7, 7, 7]]), labels(2)).item()).toBeCloseTo(Math.log(4), 6);
    expect(crossEntropy(tensor([[1e4, -1e4]]), labels(0)).item()).toBe(0);
    expect(crossEntropy(tensor([[1e4, -1e4]]), labels(1)).item()).toBe(2e4);
  });

  it("labels out of range and shapes that do not match are refused", () => {
    expect(() => crossEntropy(tensor([[1, 2]]), labels(2))).toThrow("crossEntropy: label 2 at position 0 is outside [0, 2).");
    expect(() => crossEntropy(tensor([[1, 2]]), labels(0, 1))).toThrow("crossEntropy: inputs are [1, 2] and [2]. It needs [batch, classes] and one label for each row, [batch].");
    expect(() => crossEntropy(tensor([[1, 2]]), tensor([0]))).toThrow("crossEntropy: inputs have the element types f32, f32. It needs f32 or f64, and i32 indices");
  });
});
