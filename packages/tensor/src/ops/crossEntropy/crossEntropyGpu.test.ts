import { describe, expect, test } from "vitest";
import { below } from "../../conformance.ts";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { testOptions } from "../../gpu/testDevices.ts";
import { useGpu } from "../../gpu/useGpu.ts";
import { crossEntropy, oneHot, pick, tensor } from "../../index.ts";
import { oneHotGpu } from "../oneHot/oneHot.gpu.ts";
import { pickGpu, unpickGpu } from "../pick/pick.gpu.ts";
import { crossEntropyGpu } from "./crossEntropy.gpu.ts";

const labels = (rows: number, classes: number) => ({ shape: [rows], dtype: "i32", fill: below(classes) }) as const;
const sizes = [[4, 3], [1, 5], [3, 1], [130, 10], [2, 300]] as const;

describe("crossEntropy on a device", () => {
  test("agrees with the reference, both ways, for few and many rows and classes", () =>
    gpuAgrees(crossEntropyGpu, [...sizes, [0, 3] as const].map(([rows, classes]) => ({ inputs: [{ shape: [rows, classes] }, labels(rows, classes)], attrs: null }))));

  test("logits as large as 1e4 do not overflow, and a NaN anywhere makes the loss NaN", () =>
    gpuAgrees(crossEntropyGpu, [
      { inputs: [{ shape: [7, 4], fill: (_, i) => [1e4, -1e4, 0, 3][(i * i) % 4] }, labels(7, 4)], attrs: null },
      { inputs: [{ shape: [7, 4], fill: (_, i) => (i === 14 ? NaN : i % 3) }, labels(7, 4)], attrs: null },
    ]));

  test("an infinite logit is to the loss what it is by the reference", () =>
    gpuAgrees(crossEntropyGpu, [[0, -Infinity, 3, 1], [0, Infinity, 3, 1], [-Infinity, -Infinity, -Infinity, -Infinity]].map((row) => ({
      inputs: [{ shape: [1, 4], fill: (_: unknown, i: number) => row[i] }, { shape: [1], dtype: "i32", fill: () => 2 }], attrs: null,
    }))));

  test("pick, unpick and oneHot agree with the reference", async () => {
    for (const [rows, classes] of sizes) {
      await gpuAgrees(pickGpu, [{ inputs: [{ shape: [rows, classes] }, labels(rows, classes)], attrs: null }]);
      await gpuAgrees(unpickGpu, [{ inputs: [{ shape: [rows] }, labels(rows, classes)], attrs: { classes } }]);
      await gpuAgrees(oneHotGpu, [{ inputs: [labels(rows, classes)], attrs: { depth: classes, dtype: "f32" } }]);
    }
  });

  test.each(testOptions().map((o) => [o.engine, o] as const))("labels may lie there too; one out of range shows as NaN, or as zeros (%s)", async (_, options) => {
    const gpu = await useGpu(options);
    const logits = gpu.upload(tensor([[2, 0], [0, 2]]));
    const [right, wrong] = [[0, 0], [0, 2]].map((l) => gpu.upload(tensor(Int32Array.from(l))));
    expect((await crossEntropy(logits, right).read())[0]).toBeCloseTo(crossEntropy(tensor([[2, 0], [0, 2]]), tensor(Int32Array.of(0, 0))).item(), 6);
    expect(await crossEntropy(logits, wrong).read()).toEqual(Float32Array.of(NaN));
    expect(await pick(logits, wrong).read()).toEqual(Float32Array.of(2, NaN));
    expect(await oneHot(wrong, { depth: 2 }).read()).toEqual(Float32Array.of(1, 0, 0, 0));
  });
});
