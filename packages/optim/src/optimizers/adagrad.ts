import { adagradDirection } from "../directions/adagrad.ts";
import type { Hyper } from "../hyper.ts";
import { constantRate } from "../layerRates/constant.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { atLeastZero } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import type { WeightDecay } from "../weightDecay.ts";

export interface AdagradOptions {
  /** Default 0.01. */
  readonly lr?: Hyper;
  /** Divides the rate by 1 + (k − 1)·lrDecay. Default 0; a schedule for `lr` says the same and shows in the records. */
  readonly lrDecay?: Hyper;
  /** What the sum of squares begins with. Default 0. */
  readonly initialAccumulatorValue?: number;
  /** Added to the root. Default 1e-10. */
  readonly eps?: Hyper;
  /** A plain number means `l2`. Default 0. */
  readonly weightDecay?: Hyper | WeightDecay;
}

export const adagradRule: UpdateRule<AdagradOptions> = {
  name: "adagrad",
  direction: adagradDirection,
  layerRate: constantRate,
  placement: "outside",
  plainDecay: "l2",
  defaults: { lr: 0.01, lrDecay: 0, initialAccumulatorValue: 0, eps: 1e-10, weightDecay: 0 },
  ranges: { lr: atLeastZero, lrDecay: atLeastZero, initialAccumulatorValue: atLeastZero, eps: atLeastZero, weightDecay: atLeastZero },
};

/**
 * Adagrad: each element's gradient over the root of the sum of all its squares, so that every rate falls for good.
 *
 *   d = g + wd·w
 *   s ← s + d²                                         s begins at initialAccumulatorValue
 *   w ← w − lr/(1 + (k − 1)·lrDecay) · d/(√s + eps)    k = updates of this parameter
 *
 * - `lrDecay` is part of the direction: the record's `rate` is `lr`.
 * - Excluded is nothing, and `trust` is 1 in every record.
 *
 * @throws OptionError  for negative options, and as `sgd` does
 * @see Duchi, Hazan & Singer, JMLR 12 (2011); torch.optim.Adagrad
 * @example
 * import { adagrad } from "@llr/optim";
 * // A constant gradient: step k is lr/√k, whatever its size.
 * const w = { name: "w", data: Float64Array.of(0), grad: Float64Array.of(1000) };
 * const optimizer = adagrad([w], { lr: 1 });
 * [1, 2, 3, 4].map(() => optimizer.step()[0].updateNorm) // => [1.0000, 0.7071, 0.5774, 0.5000]
 */
export function adagrad(params: Iterable<Param>, options: AdagradOptions & SharedOptions<AdagradOptions> = {}): Optimizer<AdagradOptions> {
  return createOptimizer(adagradRule, params, options);
}
