import { describe, expect, it } from "vitest";
import { tensor } from "../../create.ts";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { testOptions } from "../../gpu/testDevices.ts";
import { useGpu } from "../../gpu/useGpu.ts";
import type { Rng } from "../../random.ts";
import { argMax } from "./argMax.ts";
import { argMaxGpu, argMinGpu } from "./argMax.gpu.ts";

describe("the place of the largest number on a device", () => {
  it.each([argMaxGpu, argMinGpu].map((kernels) => [kernels.op.name, kernels] as const))("%s agrees with the reference along any axis, with ties and with NaN", (_, kernels) =>
    gpuAgrees(kernels, ([[[7], 0], [[1], 0], [[9, 10], 1], [[9, 10], 0], [[2, 3, 4, 5], 2], [[0, 3], 1]] as const).flatMap(([shape, axis]) => [
      { inputs: [{ shape }], attrs: { axis, keepDims: false } },
      { inputs: [{ shape, fill: (rng: Rng) => rng.integer(3) }], attrs: { axis, keepDims: true } },
    ])));

  it.each(testOptions().map((o) => [o.engine, o] as const))("is that of the first NaN, and infinite numbers are numbers, on %s", async (_, option) => {
    const gpu = await useGpu(option);
    const x = tensor([[1, NaN, 5, NaN], [-Infinity, -2, Infinity, 1]]);
    expect(await argMax(gpu.upload(x)).read()).toEqual(Int32Array.of(1, 2));
    expect(() => argMax(gpu.upload(tensor(new Float32Array(5000))))).toThrow(/^argMax: axis 0 of \[5000\] has 5000 elements; the gpu has a kernel for up to 4096/);
  });
});
