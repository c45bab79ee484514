import { describe, expect, it } from "vitest";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { tensor } from "../../create.ts";
import { testOptions } from "../../gpu/testDevices.ts";
import { useGpu } from "../../gpu/useGpu.ts";
import { where } from "./where.ts";
import { whereGpu } from "./where.gpu.ts";

describe("where on a device", () => {
  const coin = (_: unknown, i: number): number => (i + 1) % 2;

  it("agrees with the reference however the three shapes broadcast", () =>
    gpuAgrees(whereGpu, [[[], [], []], [[11], [11], [11]], [[3, 1], [4], []], [[4], [3, 1], [3, 4]], [[1, 2, 1, 2], [3, 1, 2, 1], [3, 2, 2, 2]], [[0], [0], []]].map(([condition, a, b]) => ({
      inputs: [{ shape: condition, dtype: "bool" as const, fill: coin }, { shape: a }, { shape: b }], attrs: null,
    }))));

  it.each(testOptions().map((o) => [o.engine, o] as const))("leaves out what is not chosen, NaN and infinite as it may be, on %s", async (_, option) => {
    const gpu = await useGpu(option);
    const chosen = where(gpu.upload(tensor([true, false, true])), tensor([1, NaN, Infinity]), tensor([NaN, 2, 3]));
    expect(await chosen.read()).toEqual(Float32Array.of(1, 2, Infinity));
  });
});
