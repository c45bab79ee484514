import { type Parameter, parameter } from "@llr/autograd";
import { clipByGlobalNorm, clipByLayerNorm, type Param } from "@llr/optim";
import { scope, tensor } from "@llr/tensor";
import { type Gpu, useGpu } from "@llr/tensor/gpu";
import { beforeAll, describe, expect, test } from "vitest";
import { testOptions } from "../../../../tools/testGpus.ts";
import { clipDeviceGradients } from "./clipDeviceGradients.ts";

const GRADIENTS: readonly (readonly [layer: string, gradient: readonly number[] | null])[] = [["a", [3, 0]], ["a", [4]], ["b", [0.5, -0.25, 0]], ["b", null], ["c", [0]]];

describe.each(testOptions().map((o) => [o.engine!, o] as const))("clipping on %s", (_, option) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await useGpu(option);
  });

  const onDevice = (gradients: typeof GRADIENTS): Parameter[] =>
    gradients.map(([layer, gradient], k) => {
      const p = parameter(new Float32Array(gradient?.length ?? 1), { name: `p${k}`, layer });
      gpu.move([p]);
      if (gradient !== null) scope(() => p.accumulate(gpu.upload(tensor(gradient))));
      return p;
    });
  const inMemory = (gradients: typeof GRADIENTS): Param[] =>
    gradients.map(([layer, gradient], k) => ({ name: `p${k}`, layer, data: new Float32Array(gradient?.length ?? 1), grad: gradient && Float32Array.from(gradient) }));
  const read = (params: readonly Parameter[]): Promise<readonly unknown[]> => Promise.all(params.map(({ deviceGrad }) => deviceGrad?.read() ?? null));

  test.each([
    ["the norm of all gradients", { maxNorm: 1 }],
    ["that of each layer", { maxNorm: 1, over: "layer" as const }],
    ["optax' factor", { maxNorm: 1, variant: "optax" as const, over: "layer" as const }],
    ["a limit that no gradient reaches", { maxNorm: 100 }],
    ["no limit: only the norm", { maxNorm: Infinity }],
    ["a limit of 0", { maxNorm: 0 }],
    ["optax' factor for a limit of 0", { maxNorm: 0, variant: "optax" as const, over: "layer" as const }],
  ])("gives the gradients of @llr/optim for %s", async (name, { over = "all", ...options }: { maxNorm: number; over?: "all" | "layer"; variant?: "torch" | "optax" }) => {
    const [params, right] = [onDevice(GRADIENTS), inMemory(GRADIENTS)];
    const norms = clipDeviceGradients(gpu, params, { over, ...options });
    const clipped = over === "all" ? clipByGlobalNorm(right, options) : clipByLayerNorm(right, options);
    for (const [k, found] of (await read(params)).entries())
      if (right[k]!.grad === null) expect(found).toBeNull();
      else for (const [i, x] of right[k]!.grad.entries()) expect(Math.abs((found as Float32Array)[i]! - x), name).toBeLessThanOrEqual(1e-6); // roundings of a sum, a root, a quotient and a product
    const layerNorm = (k: number): number => ("layers" in clipped ? clipped.layers.find(({ layer }) => layer === GRADIENTS[k]![0])!.norm : clipped.norm);
    for (const [row, k] of [0, 1, 2, 4].entries()) expect((await norms.read())[row]).toBeCloseTo(layerNorm(k), 5);
  });

  test("a NaN makes the gradients of what is clipped together NaN, as in memory", async () => {
    const spoilt = [["a", [NaN, 1]], ["a", [2]], ["b", [3]]] as const;
    const params = onDevice(spoilt);
    clipDeviceGradients(gpu, params, { maxNorm: 1, over: "layer" });
    const [a, bias, b] = (await read(params)) as Float32Array[];
    expect([a, bias]).toEqual([Float32Array.of(NaN, NaN), Float32Array.of(NaN)]);
    expect(b![0]).toBeCloseTo(1, 5);
  });

  test("refuses the options that clipByGlobalNorm refuses, and other norms", () => {
    expect(() => clipDeviceGradients(gpu, [], { maxNorm: -1 })).toThrow(/maxNorm is -1/);
    expect(() => clipDeviceGradients(gpu, [], { maxNorm: 1, normType: 1 })).toThrow(/^clipDeviceGradients: normType is 1/);
    expect(clipDeviceGradients(gpu, [], { maxNorm: 1 }).size).toBe(0);
  });
});
