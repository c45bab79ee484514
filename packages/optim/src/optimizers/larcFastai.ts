import { momentumDirection } from "../directions/momentum.ts";
import type { Hyper } from "../hyper.ts";
import { larcFastaiRate } from "../layerRates/larcFastai.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { aboveZero, atLeastZero, belowOne } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import type { WeightDecay } from "../weightDecay.ts";
import { clipOrScale } from "./clipOrScale.ts";

export interface LarcFastaiOptions {
  readonly lr: Hyper;
  /** Default 0.9. */
  readonly momentum?: Hyper;
  /** A plain number means `decoupled`. Default 0. */
  readonly weightDecay?: Hyper | WeightDecay;
  /** "clip": min(lr, lr·λ). "scale": lr·λ. Default "clip". */
  readonly mode?: "clip" | "scale";
  /** η. Default 0.02. */
  readonly trustCoefficient?: Hyper;
  /** Added to the denominator of the ratio; above 0, since norms of 0 have no rule. Default 1e-8. */
  readonly eps?: Hyper;
}

export const larcFastaiRule: UpdateRule<LarcFastaiOptions> = {
  name: "larcFastai",
  direction: momentumDirection,
  layerRate: larcFastaiRate,
  placement: "outside",
  plainDecay: "decoupled",
  defaults: { momentum: 0.9, weightDecay: 0, mode: "clip", trustCoefficient: 0.02, eps: 1e-8 },
  ranges: { lr: atLeastZero, momentum: belowOne, weightDecay: atLeastZero, trustCoefficient: aboveZero, eps: aboveZero },
  refusal: clipOrScale,
};

/**
 * LARC as fastai defines it: clipped where λ is above 1, not where it is above lr.
 *
 *   w ← w − lr·wd·w                       decoupled decay comes first, at the plain lr
 *   d = g                                 with `l2`: w is left alone and d = g + wd·w
 *   v ← d the first time, then v ← momentum·v + d
 *   λ = η·‖w‖ / (‖d‖ + wd·‖w‖ + eps)      ‖w‖ after the decay
 *   rate = lr·min(λ, 1)                   clip; scale: lr·λ
 *   w ← w − rate·v                        rate and trust outside the buffer
 *
 * Since `lr` multiplies λ in both modes, a layer gets lr·η·‖w‖/‖g‖ and feels every change of `lr`. In `larc` (apex) a clipped
 * layer gets η·‖w‖/‖g‖ whatever `lr` is: a rate found for one does not carry over to the other.
 *
 * - Zero norms have no rule. Where ‖w‖ is 0 the rate is 0: **a layer that begins with zeros never trains** (the record says
 *   `zeroNorm`); `exclude` it. Where ‖g‖ is 0, eps and decay keep λ finite.
 * - With `l2` decay counts twice in the denominator, in ‖d‖ and beside it.
 * - Excluded is nothing.
 *
 * @throws OptionError  for a trust coefficient or eps <= 0, an unknown mode, and as `sgd` does
 * @see fastai/optimizer.py, Larc (weight_decay or l2_reg, average_grad, larc_layer_lr, larc_step)
 * @example
 * import { larc, larcFastai } from "@llr/optim";
 * // λ = 0.02·5/0.25 = 0.4: below 1, so fastai scales lr by it; above lr, so apex leaves lr as it is.
 * const rates = [larc, larcFastai].map((optimizer) => {
 *   const w = { name: "w", data: Float64Array.of(3, 4), grad: Float64Array.of(0.25, 0) };
 *   return optimizer([w], { lr: 0.1 }).step()[0].rate;
 * });
 * rates // => [0.10, 0.04]
 */
export function larcFastai(params: Iterable<Param>, options: LarcFastaiOptions & SharedOptions<LarcFastaiOptions>): Optimizer<LarcFastaiOptions> {
  return createOptimizer(larcFastaiRule, params, options);
}
