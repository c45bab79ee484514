import { OptionError } from "./errors.ts";
import { norm } from "./norm.ts";
import type { FloatArray, Param } from "./param.ts";
import { aboveZero, atLeastZero, checkOptions, show } from "./range.ts";

export interface ClipByGlobalNormOptions {
  readonly maxNorm: number;
  /** The p of the norm, > 0 and possibly Infinity (the largest element). Default 2. */
  readonly normType?: number;
  /** Which published rule decides the factor. Default "torch". */
  readonly variant?: "torch" | "optax";
  /** Added to the norm in the torch variant. Default 1e-6. */
  readonly eps?: number;
}

export interface Clipped {
  /** The norm over all gradients before clipping. */
  readonly norm: number;
  /** What every gradient was multiplied with. 1: nothing was written. */
  readonly factor: number;
  readonly clipped: boolean;
}

/**
 * Shrinks all gradients by one factor, in place, so that their common p-norm is at most `maxNorm`. The direction of the step
 * is kept, which is what sets it apart from clipping each value or each layer.
 *
 *   norm = (Σ |g_i|^p)^(1/p) over every element of every gradient
 *   torch   factor = min(1, maxNorm / (norm + eps))
 *   optax   factor = norm < maxNorm ? 1 : maxNorm / norm
 *
 * Parameters without a gradient are left out. A NaN anywhere makes the norm, and with it every gradient, NaN; an infinite
 * element makes the norm infinite and the factor 0, so that it becomes NaN and all others 0. Compare `norm` with
 * `Infinity` before the step where that matters, or use an optimizer's `nonFinite`.
 *
 * Clip before `step`. LARS and LARC in scale mode divide by the gradient's norm again, so it changes next to nothing there.
 *
 * @throws OptionError  for maxNorm <= 0, normType <= 0, eps < 0
 * @see torch.nn.utils.clip_grad_norm_; optax.clip_by_global_norm; Pascanu et al., arXiv:1211.5063
 * @example
 * import { clipByGlobalNorm } from "@llr/optim";
 * const gradients = [Float64Array.of(3), Float64Array.of(4)];
 * const { norm, clipped } = clipByGlobalNorm(gradients, { maxNorm: 1 });
 * [norm, clipped] // => [5, true]
 * gradients.map((g) => g[0]) // => [0.6000, 0.8000]
 */
export function clipByGlobalNorm(gradients: Iterable<Param | FloatArray>, options: ClipByGlobalNormOptions): Clipped {
  const { maxNorm, normType = 2, variant = "torch", eps = 1e-6 } = options;
  checkOptions("clipByGlobalNorm", { maxNorm, normType, eps }, { maxNorm: aboveZero, normType: { needs: "a number > 0, or Infinity", holds: (p) => p > 0 }, eps: atLeastZero });
  if (variant !== "torch" && variant !== "optax") throw new OptionError("clipByGlobalNorm", "variant", `variant is ${show(variant)}. It needs "torch" or "optax".`);
  const arrays = gradientArrays(gradients);
  const total = globalNorm(arrays, normType);
  const factor = variant === "optax" ? optaxFactor(total, maxNorm) : Math.min(1, maxNorm / (total + eps));
  if (factor !== 1) for (const g of arrays) for (let i = 0; i < g.length; i++) g[i] *= factor;
  return { norm: total, factor, clipped: factor !== 1 };
}

const optaxFactor = (total: number, maxNorm: number): number => (total < maxNorm ? 1 : maxNorm / total);

/** The gradients among parameters and arrays; null gradients fall out. */
export function gradientArrays(gradients: Iterable<Param | FloatArray>): FloatArray[] {
  return [...gradients].flatMap((g) => (ArrayBuffer.isView(g) ? [g] : g.grad === null ? [] : [g.grad]));
}

function globalNorm(arrays: readonly FloatArray[], p: number): number {
  if (p === 2) return Math.sqrt(arrays.reduce((sum, g) => sum + norm(g) ** 2, 0));
  let total = 0;
  for (const g of arrays)
    for (let i = 0; i < g.length; i++) {
      const size = Math.abs(g[i]);
      total = p === Infinity ? Math.max(total, size) : total + size ** p;
    }
  return p === Infinity ? total : total ** (1 / p);
}
