import { describe, expect, it } from "vitest";
import { conformance } from "../../conformance.ts";
import { ones, tensor, upsampleNearest2d, upsampleNearest2dGradOp, upsampleNearest2dOp } from "../../index.ts";

describe("upsampleNearest2d", () => {
  it("and its derivative are complete, for whole and broken scales", () => {
    for (const [scale, size] of [[[2, 2], [6, 8]], [[1, 3], [3, 12]], [[1.5, 0.5], [4, 2]]] as const)
      for (const batch of [1, 2, 3, 0]) {
        conformance(upsampleNearest2dOp, [{ inputs: [{ shape: [batch, 2, 3, 4] }], attrs: { scale } }]);
        conformance(upsampleNearest2dGradOp, [{ inputs: [{ shape: [batch, 2, ...size] }], attrs: { scale, inputShape: [batch, 2, 3, 4] } }]);
      }
  });

  it("repeats the pixel whose place is nearest from below", () => {
    expect([...upsampleNearest2d(tensor([[[[1, 2, 3]]]]), [1, 1.5]).toArray()]).toEqual([1, 1, 2, 3]); // floor(i / 1.5)
    expect(upsampleNearest2d(ones([1, 1, 2, 2]), [2, 3]).shape).toEqual([1, 1, 4, 6]);
  });

  it("refuses scales that are no positive numbers, and what is no images", () => {
    expect(() => upsampleNearest2d(ones([1, 1, 2, 2]), 0)).toThrow("upsampleNearest2d: scale is 0. It must be a number > 0");
    expect(() => upsampleNearest2d(ones([2, 2]), 2)).toThrow("upsampleNearest2d: the input is [2, 2]. It needs images [batch, channels, height, width].");
  });
});
