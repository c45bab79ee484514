import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tensor } from "../../create.ts";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { testOptions } from "../../gpu/testDevices.ts";
import { useGpu } from "../../gpu/useGpu.ts";
import { broadcastToGpu, padRowsGpu, transposeGpu } from "./shape.gpu.ts";
import { transpose } from "./transpose.ts";

describe("the same numbers in another order on a device", () => {
  it("broadcastTo repeats as the reference does, along any axes", () =>
    gpuAgrees(broadcastToGpu, ([[[], [3, 2]], [[3], [2, 3]], [[2, 1], [2, 5]], [[1, 3, 1], [4, 3, 2]], [[2, 1, 3, 1, 2], [2, 2, 3, 2, 2]], [[4], [4]], [[1, 2], [0, 2]]] as const).map(([from, shape]) => ({ inputs: [{ shape: from }], attrs: { shape } }))));

  it("transpose orders any number of axes in any way", () =>
    gpuAgrees(transposeGpu, ([[[], []], [[5], [0]], [[3, 17], [1, 0]], [[2, 3, 4], [2, 0, 1]], [[2, 3, 4, 5], [0, 3, 1, 2]], [[2, 3, 4, 5], [3, 2, 1, 0]], [[2, 3, 2, 3, 2], [4, 1, 3, 0, 2]], [[2, 3, 1, 2, 3, 2], [5, 3, 1, 2, 4, 0]], [[0, 3], [1, 0]]] as const)
      .map(([shape, perm]) => ({ inputs: [{ shape }], attrs: { perm } }))));

  it("padRows puts the rows back among zeros", () =>
    gpuAgrees(padRowsGpu, ([[[2, 3], 0, 2], [[2, 3], 1, 4], [[1], 3, 4], [[0, 3], 1, 2], [[2, 3, 2], 2, 9]] as const).map(([shape, start, count]) => ({ inputs: [{ shape }], attrs: { start, end: start + shape[0], count } }))));

  it("long axes find room, whichever of a kernel's axes is too short for them", async () => {
    const gpu = await useGpu({ engine: "webasm", software: true });
    for (const shape of [[70_000, 2, 3], [2, 70_000, 3], [3, 2, 70_000], [600_000, 2], [2, 600_000]]) {
      const x = tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i), shape);
      expect(await transpose(gpu.upload(x)).read()).toEqual(transpose(x).toArray());
    }
  });
});

describe.each(testOptions().map((o) => [o.engine, o] as const))("transpose on %s", (_, option) => {
  it("is undone by the inverse permutation", async () => {
    const gpu = await useGpu(option);
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
    await fc.assert(fc.asyncProperty(shapes.chain((shape) => fc.tuple(fc.constant(shape), fc.shuffledSubarray(shape.map((_n, i) => i), { minLength: shape.length }))), async ([shape, perm]) => {
      const x = tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_n, i) => i), shape);
      expect(await transpose(transpose(gpu.upload(x), perm), perm.map((_n, i) => perm.indexOf(i))).read()).toEqual(x.toArray());
    }), { numRuns: 25, seed: 11 });
  });
});
