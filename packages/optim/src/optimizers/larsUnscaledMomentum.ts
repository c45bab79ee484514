import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import type { UpdateRule } from "../updateRule.ts";
import { larsRule, type LarsOptions } from "./lars.ts";

export const larsUnscaledMomentumRule: UpdateRule<LarsOptions> = { ...larsRule, name: "larsUnscaledMomentum", placement: "outside" };

/**
 * LARS with rate and trust outside the momentum buffer:
 *
 *   λ = η·‖w‖ / (‖g‖ + wd·‖w‖ + eps)    norms before decay
 *   v ← momentum·v + g + wd·w           the buffer holds gradients, not steps
 *   w ← w − lr·λ·v                      Nesterov: w ← w − lr·λ·(g + wd·w + momentum·v)
 *
 * A change of `lr`, or of the layer's own λ, acts at once on all that the buffer holds. With `lars` a gradient keeps the rate at
 * which it came in; the two agree while lr and λ stay the same. But a gradient much larger than those after it stays in the
 * buffer unscaled, while λ soon forgets it: the steps after it are too long.
 *
 * - Zero norms, exclusions, `decoupled` decay and errors: as `lars`.
 *
 * @see the TPU implementations behind MLPerf 0.6 (Kumar et al., arXiv:1909.09756, "unscaled momentum")
 * @example
 * import { lars, larsUnscaledMomentum } from "@llr/optim";
 * // Two steps; after the first the rate drops to a tenth. What came in at the high rate drops with it, or stays.
 * const second = [lars, larsUnscaledMomentum].map((optimizer) => {
 *   const w = { name: "w", data: Float64Array.of(1), grad: Float64Array.of(1) };
 *   const stepper = optimizer([w], { lr: (t) => (t === 0 ? 1 : 0.1), trustCoefficient: 0.01, weightDecay: 0 });
 *   stepper.step();
 *   return stepper.step()[0].updateNorm;
 * });
 * second // => [0.00999, 0.00188]
 */
export function larsUnscaledMomentum(params: Iterable<Param>, options: LarsOptions & SharedOptions<LarsOptions>): Optimizer<LarsOptions> {
  return createOptimizer(larsUnscaledMomentumRule, params, options);
}
