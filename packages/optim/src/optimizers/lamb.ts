import { lambRate } from "../layerRates/lamb.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import type { UpdateRule } from "../updateRule.ts";
import { adamWRule, type AdamOptions } from "./adamW.ts";

/** Those of `adamW`, with other defaults: eps 1e-6 and no weight decay. */
export type LambOptions = AdamOptions;

export const lambRule: UpdateRule<LambOptions> = {
  ...adamWRule,
  name: "lamb",
  layerRate: lambRate,
  defaults: { ...adamWRule.defaults, eps: 1e-6, weightDecay: 0 },
};

/**
 * LARS's idea over Adam: every layer moves by lr times its own norm, in Adam's direction.
 *
 *   m ← β1·m + (1 − β1)·g,  v ← β2·v + (1 − β2)·g²
 *   r = (m / (1 − β1^k)) / (√v / √(1 − β2^k) + eps)      k = updates of this parameter
 *   u = r + wd·w
 *   λ = ‖w‖ / ‖u‖
 *   w ← w − lr·λ·u
 *
 * Decay is beside the moments, as in AdamW, and inside the ratio: ‖Δw‖ = lr·‖w‖ with it or without. There is no trust
 * coefficient; `lr` is the share of its norm that a layer moves, of the order of 1e-3 to 1e-2.
 *
 * - Zero norms: where ‖w‖ or ‖u‖ is 0, λ = 1: Adam's own step.
 * - Excluded is nothing; the paper's training excludes biases and normalisation: `exclude: vectors`.
 * - With `l2` decay wd·w goes through the moments, as in Adam.
 * - Two more arrays per parameter are kept: u must be known before the first weight is written.
 *
 * This is optax's form. timm's, with gradient clipping inside, is `lambTimm`.
 *
 * @throws OptionError  for a negative or NaN rate, a beta outside [0, 1), and as `sgd` does
 * @see You et al., arXiv:1904.00962, algorithm 2 with φ(z) = z; optax.lamb
 * @example
 * import { lamb } from "@llr/optim";
 * // Two layers of norm 5, with a gradient of one element or of all: Adam's steps would differ by √2.
 * const params = [0, 1].map((second) => ({ name: `fc${second}`, data: Float64Array.of(3, 4), grad: Float64Array.of(1, second) }));
 * lamb(params, { lr: 0.01 }).step().map((r) => r.updateNorm) // => [0.05, 0.05]
 */
export function lamb(params: Iterable<Param>, options: LambOptions & SharedOptions<LambOptions> = {}): Optimizer<LambOptions> {
  return createOptimizer(lambRule, params, options);
}
