import { describe, test } from "vitest";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { groupNormGpu, layerNormGpu, rmsNormGpu } from "./rowNorm.gpu.ts";

const eps = 1e-2; // a row of one number has variance 0
const shapes: [number[], number[]][] = [[[4, 3], [3]], [[2, 3, 4], [3, 4]], [[70, 9], [9]], [[3, 700], [700]], [[5], [5]], [[0, 3], [3]], [[2, 1], [1]], [[3, 0], [0]], [[130, 150], [150]]];
// Gradients nearly cancel: their sums of numbers of order 1 are as exact as those, and not as what is left of them.
const tolerance = 1e-5;

describe("norms of rows on a device", () => {
  test("layerNorm and rmsNorm agree with the reference, both ways and in their hidden statistics", async () => {
    for (const [shape, normalizedShape] of shapes) {
      const attrs = { normalizedShape, eps };
      await gpuAgrees(layerNormGpu, [{ inputs: [{ shape }, { shape: normalizedShape }, { shape: normalizedShape }], attrs }], { tolerance });
      await gpuAgrees(rmsNormGpu, [{ inputs: [{ shape }, { shape: normalizedShape }], attrs }], { tolerance });
    }
  });

  test("groupNorm agrees with the reference, for one group, many, and one for each channel", async () => {
    for (const [shape, groups] of [[[2, 4, 3], 2], [[1, 6, 2, 2], 3], [[3, 4], 1], [[2, 3, 4], 3], [[0, 2, 2], 1], [[70, 4, 5, 3], 2], [[2, 2, 30, 30], 2]] as const)
      await gpuAgrees(groupNormGpu, [{ inputs: [{ shape }, { shape: [shape[1]] }, { shape: [shape[1]] }], attrs: { groups, eps } }], { tolerance });
  });
});
