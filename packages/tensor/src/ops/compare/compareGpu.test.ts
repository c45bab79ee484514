import { describe, it } from "vitest";
import { gpuAgrees } from "../../gpu/agreement.ts";
import * as compare from "./compare.gpu.ts";

describe("a comparison on a device", () => {
  const digit = (rng: { integer(n: number): number }): number => rng.integer(3);

  it.each(Object.values(compare).map((kernels) => [kernels.op.name, kernels] as const))("%s agrees with the reference for equal and unequal numbers, NaN and whole numbers, however the shapes broadcast", (_, kernels) =>
    gpuAgrees(kernels, [
      ...[[[], []], [[40], [40]], [[5, 1], [1, 7]], [[3, 4], []], [[0, 2], [2]]].map(([a, b]) => ({ inputs: [{ shape: a, fill: digit }, { shape: b, fill: digit }], attrs: null })),
      { inputs: [{ shape: [9], fill: digit, dtype: "i32" as const }, { shape: [9], fill: digit, dtype: "i32" as const }], attrs: null },
    ]));
});
