import { describe, expect, it } from "vitest";
import { below, conformance, distinct } from "../../conformance.ts";
import { avgPool2d, avgPool2dGradOp, avgPool2dOp, maxPool2d, maxPool2dOp, putAtOp, takeAtOp, tensor } from "../../index.ts";
import { resolvePool2d } from "./geometry.ts";

const x = { shape: [2, 2, 5, 6], fill: distinct };
const windows = [{ kernel: 2 }, { kernel: 3, stride: 2, padding: 1 }, { kernel: [1, 2], stride: [2, 1] }, { kernel: 3, stride: 1, padding: 1 }] as const;

describe("pooling", () => {
  it("maxPool2d is complete for overlapping and padded windows", () => {
    conformance(maxPool2dOp, windows.map((w) => ({ inputs: [x], attrs: resolvePool2d("maxPool2d", w) })));
    conformance(maxPool2dOp, [{ inputs: [{ shape: [0, 1, 4, 4] }], attrs: resolvePool2d("maxPool2d", { kernel: 2 }) }]);
  });

  it("putAt and takeAt are complete, and put together what falls on one place", () => {
    const indices = { shape: [2, 3], dtype: "i32", fill: below(4) } as const;
    conformance(putAtOp, [{ inputs: [{ shape: [2, 3] }, indices], attrs: { shape: [4] } }]);
    conformance(takeAtOp, [{ inputs: [{ shape: [4] }, indices], attrs: null }]);
  });

  it("avgPool2d and its derivative are complete, padding counted or not", () => {
    for (const countIncludePad of [true, false]) {
      const all = windows.map((w) => ({ ...resolvePool2d("avgPool2d", w), countIncludePad }));
      conformance(avgPool2dOp, all.map((attrs) => ({ inputs: [{ shape: x.shape }], attrs })));
      conformance(avgPool2dGradOp, all.map((attrs) => ({ inputs: [{ shape: [...avgPool2dOp.shape([x.shape], attrs)] }], attrs: { ...attrs, inputShape: x.shape } })));
    }
  });

  it("the maximum ignores padding even when all numbers are negative", () => {
    expect([...maxPool2d(tensor([[[[-3, -1], [-2, -4]]]]), { kernel: 2, stride: 2, padding: 1 }).toArray()]).toEqual([-3, -1, -2, -4]);
  });

  it("the first NaN of a window is its maximum", () => {
    expect(maxPool2d(tensor([[[[1, NaN], [5, NaN]]]]), { kernel: 2 }).item()).toBeNaN();
  });

  it("windows that do not fit and too much padding are refused", () => {
    expect(() => maxPool2d(tensor([[[[1]]]]), { kernel: 2 })).toThrow("maxPool2d: a window of 2 x 2 does not fit into [1, 1, 1, 1] with padding 0 x 0.");
    expect(() => avgPool2d(tensor([[[[1]]]]), { kernel: 3, padding: 2 })).toThrow("avgPool2d: padding 2 is more than half of the kernel 3");
    expect(() => maxPool2d(tensor([1]), { kernel: 1 })).toThrow("maxPool2d: the input is [1]. It needs images [batch, channels, height, width].");
    expect(() => maxPool2d(tensor([[[[1]]]]), { kernel: 0 })).toThrow("maxPool2d: kernel is 0");
  });
});
