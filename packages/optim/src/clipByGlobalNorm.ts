import { gradientArrays, normClipper, scale, type Clipped, type ClipNormOptions } from "./clip.ts";
import type { FloatArray, Param } from "./param.ts";

export interface ClippedTogether extends Clipped {
  /** What every gradient was multiplied with. 1: nothing was written. */
  readonly factor: number;
}

/**
 * Shrinks all gradients by one factor, in place, so that their common p-norm is at most `maxNorm`. The direction of the step
 * is kept, which is what sets it apart from clipping each value or each layer.
 *
 *   norm = (Σ |g_i|^p)^(1/p) over every element of every gradient
 *   torch   factor = min(1, maxNorm / (norm + eps))
 *   optax   factor = norm < maxNorm ? 1 : maxNorm / norm
 *
 * With `maxNorm: Infinity` nothing is written and the norm comes back, which is how PyTorch's users measure it; with 0 every
 * gradient becomes 0. The norm neither overflows nor vanishes before its elements do.
 *
 * Parameters without a gradient are left out. A NaN anywhere makes the norm, and with it every gradient, NaN; an infinite
 * element makes the norm infinite and the factor 0, so that it becomes NaN and all others 0. Compare `norm` with
 * `Infinity` before the step where that matters, or use an optimizer's `nonFinite`.
 *
 * Clip before `step`. LARS and LARC in scale mode divide by the gradient's norm again, so it changes next to nothing there.
 *
 * @throws OptionError  for maxNorm < 0, normType <= 0, eps < 0
 * @see torch.nn.utils.clip_grad_norm_; optax.clip_by_global_norm; Pascanu et al., arXiv:1211.5063
 * @example
 * import { clipByGlobalNorm } from "@llr/optim";
 * const gradients = [Float64Array.of(3), Float64Array.of(4)];
 * const { norm, clipped } = clipByGlobalNorm(gradients, { maxNorm: 1 });
 * [norm, clipped] // => [5, true]
 * gradients.map((g) => g[0]) // => [0.6000, 0.8000]
 */
export function clipByGlobalNorm(gradients: Iterable<Param | FloatArray>, options: ClipNormOptions): ClippedTogether {
  const { normOf, factorOf } = normClipper("clipByGlobalNorm", options);
  const arrays = gradientArrays("clipByGlobalNorm", gradients);
  const norm = normOf(arrays);
  const factor = factorOf(norm);
  for (const g of arrays) scale(g, factor);
  return { norm, factor, clipped: factor !== 1, fraction: factor === 1 ? 0 : 1 };
}
