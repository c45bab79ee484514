import { describe, test } from "vitest";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { localResponseNormGpu } from "./localResponseNorm.gpu.ts";

describe("localResponseNorm on a device", () => {
  test("agrees with the reference, both ways, for odd and even windows and those wider than the channels", () =>
    gpuAgrees(localResponseNormGpu, [
      { shape: [2, 7, 3, 5], size: 5 }, { shape: [1, 4, 9], size: 2 }, { shape: [3, 2, 2, 2], size: 9 }, { shape: [2, 5, 11], size: 1 }, { shape: [0, 3, 2], size: 3 },
    ].map(({ shape, size }) => ({ inputs: [{ shape }], attrs: { size, alpha: 0.7, beta: 0.75, k: 2 } })),
      // A power is e^(exponent log x): drivers' logarithms are good for some 1e-6.
      { tolerance: 1e-5 }));
});
