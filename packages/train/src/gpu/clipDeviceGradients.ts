import type { Parameter } from "@llr/autograd";
import { clipByGlobalNorm, type ClipNormOptions, OptionError } from "@llr/optim";
import { assign, reshape, rows, scope, type Tensor, tensor } from "@llr/tensor";
import type { Gpu } from "@llr/tensor/gpu";
import { sumsOfSquares } from "./sumsOfSquares.ts";

export interface ClipDeviceOptions extends ClipNormOptions {
  /** "all": as clipByGlobalNorm. "layer": as clipByLayerNorm. Default "all". */
  readonly over?: "all" | "layer";
}

/**
 * `clipByGlobalNorm` or `clipByLayerNorm` of @llr/optim for gradients that lie on a device, before a step of an optimizer there.
 * The norm and the factor are computed on the device; nothing is read back.
 *
 * @returns the norms before clipping, on the device: one for each parameter that has a gradient, that of all or of its layer.
 *   It belongs to the innermost open scope
 * @throws OptionError as those do, and for another `normType` than 2
 */
export function clipDeviceGradients(gpu: Gpu, params: Iterable<Parameter>, options: ClipDeviceOptions): Tensor {
  const { over = "all", ...inMemory } = options;
  clipByGlobalNorm([], inMemory); // checks them
  const { maxNorm, normType = 2, variant = "torch", eps = 1e-6 } = inMemory;
  if (normType !== 2) throw new OptionError("clipDeviceGradients", "normType", `normType is ${normType}. On a device it needs to be 2.`);
  if (over !== "all" && over !== "layer") throw new OptionError("clipDeviceGradients", "over", `over is ${JSON.stringify(over)}. It needs "all" or "layer".`);
  const clipped = [...params].filter(({ deviceGrad }) => deviceGrad !== null);
  const count = clipped.length;
  if (count === 0) return tensor([], [0]);
  const layers = [...new Set(clipped.map(({ layer }) => layer))];
  return scope(() => {
    const given = tensor(Float32Array.from([maxNorm, eps, ...clipped.map(({ layer }) => (over === "all" ? 0 : layers.indexOf(layer)))]));
    const sums = sumsOfSquares(gpu, clipped.map(({ deviceGrad }) => deviceGrad));
    const normsAndFactors = gpu.run({ name: "clipping factors", inputs: [[count], [count + 2]], output: [2, count], source: factorSource(count, variant) }, [sums, given], [2, count]);
    if (maxNorm === Infinity) return reshape(rows(normsAndFactors, 0, 1), [count]);
    const scaled = clipped.map(({ deviceGrad }, i) => scaledBy(gpu, deviceGrad!, normsAndFactors, i));
    clipped.forEach(({ deviceGrad }, i) => assign(deviceGrad!, scaled[i]));
    return reshape(rows(normsAndFactors, 0, 1), [count]);
  });
}

/** A NaN is neither smaller nor larger: it has to stay in the factor. */
function factorSource(count: number, variant: "torch" | "optax"): string {
  const factor = variant === "torch"
    ? "let factor = given[0] / (norm + given[1]); if (factor > 1) { factor = 1; }"
    : "let factor = given[0] / norm; if (norm < given[0] || norm === 0) { factor = 1; }";
  return `function (sums, given) {
  let sum = 0;
  for (let i = 0; i < ${count}; i++) { if (given[i + 2] === given[this.thread.x + 2]) { sum += sums[i]; } }
  const norm = Math.sqrt(sum);
  ${factor}
  let out = norm;
  if (this.thread.y > 0) { out = factor; }
  return out;
}`;
}

function scaledBy(gpu: Gpu, gradient: Tensor, factors: Tensor, row: number): Tensor {
  const { size, shape } = gradient;
  return gpu.run({ name: "clipped gradient", inputs: [[size], [2, factors.shape[1]], [1]], output: [size], source: "function (g, factors, row) { return g[this.thread.x] * factors[1][row[0]]; }" }, [gradient, factors, tensor([row])], shape);
}
