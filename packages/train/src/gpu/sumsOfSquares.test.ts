import { Rng, scope, type Tensor, tensor } from "@llr/tensor";
import { useGpu } from "@llr/tensor/gpu";
import { describe, expect, test } from "vitest";
import { testOptions } from "../../../../tools/testGpus.ts";
import { sumsOfSquares } from "./sumsOfSquares.ts";

describe.each(testOptions().map((o) => [o.engine!, o] as const))("sums of squares on %s", (_, option) => {
  test("are right for every number of stages and rows, of differences and of nothing", async () => {
    const gpu = await useGpu(option);
    const normal = (size: number): Float32Array => {
      const numbers = new Float32Array(size);
      new Rng(size).stream("numbers").fillNormal(numbers, 0, 1);
      return numbers;
    };
    // 70,000 takes three stages of 256.
    const arrays = [1, 0, 5, 255, 256, 257, 70_000, 513, 2, 3, 4, 66_000, 7, 8, 9, 10, 11, 12, 13].map(normal);
    const before = gpu.memory().buffers;
    const [sums, moved] = scope(() => {
      const tensors = arrays.map((numbers): Tensor => gpu.upload(tensor(numbers)));
      const halves = arrays.map((numbers): Tensor => gpu.upload(tensor(numbers.map((x) => x / 2))));
      return [[sumsOfSquares(gpu, tensors).read()], [sumsOfSquares(gpu, tensors.map((t, i) => (i % 3 === 1 ? null : [t, halves[i]!]))).read()]];
    });
    const right = arrays.map((numbers) => numbers.reduce((sum, x) => sum + x * x, 0));
    const [found, foundMoved] = [await sums[0]!, await moved[0]!];
    for (const [i, sum] of right.entries()) {
      // 256 roundings to 2^-24 a stage, of random directions.
      expect(Math.abs(found[i]! - sum), `row ${i}`).toBeLessThanOrEqual(2e-6 * sum);
      expect(Math.abs(foundMoved[i]! - (i % 3 === 1 ? 0 : sum / 4)), `difference ${i}`).toBeLessThanOrEqual(2e-6 * sum);
    }
    expect(gpu.memory().buffers).toBe(before);
  });

  test("keep a NaN and an infinity in their own row", async () => {
    const gpu = await useGpu(option);
    const sums = await scope(() => [sumsOfSquares(gpu, [tensor([1, NaN]), tensor([1, 2]), tensor([Infinity])]).read()])[0]!;
    expect(sums).toEqual(Float32Array.of(NaN, 5, Infinity));
  });
});
