import { describe, expect, test } from "vitest";
import { positive } from "../../conformance.ts";
import { batchNorm, buffer, ones, tensor, zeros } from "../../index.ts";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { testDevices, testOptions } from "../../gpu/testDevices.ts";
import { useGpu } from "../../gpu/useGpu.ts";
import { batchNormGpu, batchNormInferenceGpu, runningStatisticsGpu } from "./batchNorm.gpu.ts";

const attrs = { eps: 1e-5 };
const inputsOf = (x: readonly number[]) => [{ shape: x }, { shape: [x[1]] }, { shape: [x[1]] }];
const shapes = [[5, 3], [70, 11], [2, 3, 4], [2, 2, 3, 5], [3, 2, 9, 13], [130, 2, 4], [2, 3, 70, 70]];

describe("batchNorm on a device", () => {
  test("agrees with the reference, both ways and in its hidden statistics, for few and many images and pixels", () =>
    // Gradients nearly cancel: their sums of numbers of order 1 are as exact as those, and not as what is left of them.
    gpuAgrees(batchNormGpu, shapes.map((x) => ({ inputs: inputsOf(x), attrs })), { tolerance: 1e-5 }));

  test("of no images has statistics that are no numbers, and gradients of zero", () =>
    gpuAgrees(batchNormGpu, [[0, 2, 3], [3, 0, 2], [4, 2, 0]].map((x) => ({ inputs: inputsOf(x), attrs }))));

  test("a large mean costs the variance no more digits than the numbers themselves have lost", () =>
    // Numbers near 100 have an error of 4e-6 in single precision, and so has their mean.
    gpuAgrees(batchNormGpu, [{ inputs: [{ shape: [16, 3, 8, 8], fill: (rng) => 100 + rng.normal() }, { shape: [3] }, { shape: [3] }], attrs }], { tolerance: 2e-5 }));

  test("with given statistics agrees with the reference, both ways", () =>
    gpuAgrees(batchNormInferenceGpu, [...shapes, [0, 2, 3]].map((x) => ({ inputs: [{ shape: x }, { shape: [x[1]] }, { shape: [x[1]], fill: positive }, { shape: [x[1]] }, { shape: [x[1]] }], attrs, terms: 2048 }))));

  test("refuses more pixels than a device has threads along an axis, before it computes anything", async () => {
    const [device] = await testDevices();
    const [x, w] = [device.upload(new Float32Array(600_002), "test"), device.upload(new Float32Array(2), "test")];
    const { buffers } = device.memory();
    const call = { shapes: [[1, 1, 600_002], [1], [1]], shape: [1, 1, 600_002], attrs };
    expect(() => device.forward(batchNormGpu.op, [x, w, w], call)).toThrow("batchNorm: 600002 threads are needed along one axis");
    expect(device.memory().buffers).toBe(buffers);
    for (const buffer of [x, w]) buffer.release();
  });

  test("running statistics agree with the reference", () =>
    gpuAgrees(runningStatisticsGpu, (["mean", "variance"] as const).flatMap((statistic) => [
      ...[5, 0].map((count) => ({ inputs: [{ shape: [2, 3] }, { shape: [3] }, { shape: [], fill: () => 0.5 }], attrs: { statistic, count, dtype: "f32" as const } })),
      { inputs: [{ shape: [2, 7] }], attrs: { statistic, count: 5, dtype: "f32" as const } },
    ])));

  test.each(testOptions().map((o) => [o.engine, o] as const))("moves running statistics that lie there (%s)", async (_, options) => {
    const gpu = await useGpu(options);
    const statistics = { runningMean: buffer(zeros([2])), runningVar: buffer(ones([2])) };
    const x = tensor([[1, 0], [2, 4], [6, 2]]); // means 3 and 2, unbiased variances 7 and 4
    gpu.move(Object.values(statistics));
    const results = batchNorm(gpu.upload(x), { ...statistics, momentum: 0.25 });
    const [, newMean, newVar] = await Promise.all(results.map((t) => t.read()));
    expect([...newMean]).toEqual([0.75, 0.5]);
    expect([...newVar]).toEqual([2.5, 1.75]);
    expect(() => results[1].toArray()).toThrow(/lies on/);
  });
});
