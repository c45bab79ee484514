import { rmspropDirection } from "../directions/rmsprop.ts";
import type { Hyper } from "../hyper.ts";
import { constantRate } from "../layerRates/constant.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { atLeastZero, belowOne } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import type { WeightDecay } from "../weightDecay.ts";

export interface RmspropOptions {
  /** Default 0.01. */
  readonly lr?: Hyper;
  /** Memory of the mean squared gradient. Default 0.99. */
  readonly alpha?: Hyper;
  /** Added to the root. Default 1e-8. */
  readonly eps?: Hyper;
  /** Heavy ball over the divided gradients. Default 0: no buffer is kept. */
  readonly momentum?: Hyper;
  /** Divide by the standard deviation instead of the root mean square. Default false. */
  readonly centered?: boolean;
  /** A plain number means `l2`. Default 0. */
  readonly weightDecay?: Hyper | WeightDecay;
}

export const rmspropRule: UpdateRule<RmspropOptions> = {
  name: "rmsprop",
  direction: rmspropDirection,
  layerRate: constantRate,
  placement: "outside",
  plainDecay: "l2",
  defaults: { lr: 0.01, alpha: 0.99, eps: 1e-8, momentum: 0, centered: false, weightDecay: 0 },
  ranges: { lr: atLeastZero, alpha: belowOne, eps: atLeastZero, momentum: belowOne, weightDecay: atLeastZero },
};

/**
 * RMSprop as PyTorch defines it: each element's gradient over the root of its running mean square.
 *
 *   d = g + wd·w
 *   v ← α·v + (1 − α)·d²;  centered: m ← α·m + (1 − α)·d
 *   q = d / (√v + eps);    centered: d / (√(v − m²) + eps)
 *   b ← momentum·b + q                      without momentum b = q
 *   w ← w − lr·b
 *
 * Without a bias correction the first steps are 1/√(1 − α) = 10 times as long as later ones at the default: begin with a
 * warm-up, or use `adam`. eps stands outside the root (TensorFlow puts it inside).
 *
 * - Where centered and the gradient does not change, v − m² may come out below 0 by rounding; it is then taken as 0.
 * - Excluded is nothing. `trust` is 1 in every record: the division is per element and part of the direction.
 *
 * @throws OptionError  for alpha or momentum outside [0, 1), and as `sgd` does
 * @see Hinton, Coursera lecture 6e (2012); Graves, arXiv:1308.0850, for the centered form; torch.optim.RMSprop
 * @example
 * import { rmsprop } from "@llr/optim";
 * // The first step is lr/√(1 − 0.99) = 10·lr, whatever the size of the gradient.
 * const w = { name: "w", data: Float64Array.of(0, 0), grad: Float64Array.of(1000, 0.001) };
 * rmsprop([w], { lr: 0.01 }).step();
 * w.data // => [-0.1000, -0.1000]
 */
export function rmsprop(params: Iterable<Param>, options: RmspropOptions & SharedOptions<RmspropOptions> = {}): Optimizer<RmspropOptions> {
  return createOptimizer(rmspropRule, params, options);
}
