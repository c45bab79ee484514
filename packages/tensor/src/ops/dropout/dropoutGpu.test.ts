import { describe, expect, it } from "vitest";
import { ones } from "../../create.ts";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { testOptions } from "../../gpu/testDevices.ts";
import { useGpu } from "../../gpu/useGpu.ts";
import { Rng } from "../../random.ts";
import { scope } from "../../scope.ts";
import { dropout } from "./dropout.ts";
import { dropoutMaskGpu } from "./dropout.gpu.ts";

it("dropoutMask agrees with the reference, also where one mask serves many numbers and where all is dropped", async () => {
  const cases = (p: number) => [[[6], [6]], [[2, 3, 4], [2, 3, 4]], [[2, 3, 4], [3, 1]], [[0], [0]]].map(([shape, mask]) => ({
    inputs: [{ shape }, { shape: mask, dtype: "bool" as const, fill: (_: Rng, i: number) => i % 2 }], attrs: { p },
  }));
  await gpuAgrees(dropoutMaskGpu, [...cases(0), ...cases(0.3)]);
  await gpuAgrees(dropoutMaskGpu, cases(1), { keepsNaN: false }); // compilers take anything times a literal 0 for 0
});

describe.each(testOptions().map((o) => [o.engine, o] as const))("dropout on %s", (_, option) => {
  it("drops the same numbers as in memory, outside of a scope and within, and leaves no mask behind", async () => {
    const gpu = await useGpu(option);
    const drop = (x: Parameters<typeof dropout>[0]) => dropout(x, { p: 0.4, training: true, rng: new Rng(3) });
    const expected = drop(ones([50])).toArray();
    const before = gpu.memory().buffers;
    const x = gpu.upload(ones([50]));
    expect(await drop(x).read()).toEqual(expected);
    const y = scope(() => drop(x));
    expect(await y.read()).toEqual(expected);
    expect(gpu.memory().buffers - before).toBeLessThanOrEqual(3); // x and the two results
    expect(dropout(x, { p: 0.4, training: false })).toBe(x);
  });
});
