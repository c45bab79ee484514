import { larsDecayedRate } from "../layerRates/lars.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { aboveZero, atLeastZero, belowOne } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import { larsRule, type LarsOptions } from "./lars.ts";

/** Those of `lars` without `eps`, of which SimCLR has none. */
export type LarsSimclrOptions = Omit<LarsOptions, "eps">;

export const larsSimclrRule: UpdateRule<LarsSimclrOptions> = {
  ...larsRule,
  name: "larsSimclr",
  layerRate: larsDecayedRate,
  defaults: { momentum: 0.9, nesterov: false, weightDecay: 0, trustCoefficient: 0.001 },
  ranges: { lr: atLeastZero, momentum: belowOne, weightDecay: atLeastZero, trustCoefficient: aboveZero },
};

/**
 * LARS as SimCLR trains with it ("classic" momentum):
 *
 *   d = g + wd·w
 *   λ = η·‖w‖ / ‖d‖
 *   v ← momentum·v + lr·λ·d             rate and trust inside the buffer
 *   w ← w − v                           Nesterov: w ← w − (lr·λ·d + momentum·v)
 *
 * This is `larsOptax` without eps, and with biases and normalisation excluded as in SimCLR's own training.
 *
 * - Zero norms: where ‖w‖ or ‖d‖ is 0, λ = 1.
 * - Excluded by default are parameters of at most one axis (biases, normalisation): λ = 1 and no decay. `exclude: []` takes them in.
 * - With `decoupled` decay d is g, and w shrinks by lr·λ·wd beside the buffer. SimCLR has no such form.
 *
 * @throws OptionError  for a trust coefficient <= 0, and as `sgd` does
 * @see google-research/simclr, lars_optimizer.py, classic_momentum=True; Chen et al., arXiv:2002.05709
 * @example
 * import { larsSimclr } from "@llr/optim";
 * // Weights and bias with the same numbers: the weights move by 0.001 · 5, the bias by its gradient.
 * const params = [[2, 1], [2]].map((shape) => ({ name: `fc${shape.length}`, shape, data: Float64Array.of(3, 4), grad: Float64Array.of(0.5, 0) }));
 * larsSimclr(params, { lr: 1 }).step().map((r) => r.updateNorm) // => [0.005, 0.5]
 */
export function larsSimclr(params: Iterable<Param>, options: LarsSimclrOptions & SharedOptions<LarsSimclrOptions>): Optimizer<LarsSimclrOptions> {
  return createOptimizer(larsSimclrRule, params, options);
}
