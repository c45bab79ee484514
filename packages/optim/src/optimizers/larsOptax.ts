import { larsDecayedRate } from "../layerRates/lars.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import type { UpdateRule } from "../updateRule.ts";
import { larsRule, type LarsOptions } from "./lars.ts";

export const larsOptaxRule: UpdateRule<LarsOptions> = {
  ...larsRule,
  name: "larsOptax",
  layerRate: larsDecayedRate,
  defaults: { ...larsRule.defaults, weightDecay: 0 },
  exclude: [],
};

/**
 * LARS as optax defines it: the ratio counts the decayed gradient as one vector.
 *
 *   d = g + wd·w
 *   λ = η·‖w‖ / (‖d‖ + eps)
 *   v ← momentum·v + lr·λ·d             rate and trust inside the buffer
 *   w ← w − v                           Nesterov: w ← w − (lr·λ·d + momentum·v)
 *
 * Every step is lr·η·‖w‖ long before momentum, decay included, also when g and wd·w point in opposite directions and nearly
 * cancel: then λ is large, where the paper's sum of norms would keep it below η/wd. There is no ceiling.
 *
 * - Zero norms: where ‖w‖ or ‖d‖ is 0, λ = 1.
 * - Excluded is nothing, as with optax's default masks. `exclude` takes a parameter out of decay and trust, or, as
 *   optax's two masks, `exclude: { decay, trust }` out of one of them.
 * - With `decoupled` decay d is g, and w shrinks by lr·λ·wd beside the buffer. optax has no such form.
 *
 * @throws OptionError  for a trust coefficient <= 0, and as `sgd` does
 * @see optax.lars (add_decayed_weights, scale_by_trust_ratio, scale_by_learning_rate, trace)
 * @example
 * import { lars, larsOptax } from "@llr/optim";
 * // The gradient nearly undoes the decay: the paper adds the two norms, optax sees how small the sum is.
 * const trusts = [lars, larsOptax].map((optimizer) => {
 *   const w = { name: "w", data: Float64Array.of(1), grad: Float64Array.of(-0.099) };
 *   return optimizer([w], { lr: 1, weightDecay: 0.1 }).step()[0].trust;
 * });
 * trusts // => [0.005, 1.000]
 */
export function larsOptax(params: Iterable<Param>, options: LarsOptions & SharedOptions<LarsOptions>): Optimizer<LarsOptions> {
  return createOptimizer(larsOptaxRule, params, options);
}
