import { adamaxDirection } from "../directions/adamax.ts";
import type { Hyper } from "../hyper.ts";
import { constantRate } from "../layerRates/constant.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { atLeastZero, belowOne } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import type { WeightDecay } from "../weightDecay.ts";

export interface AdamaxOptions {
  /** Default 2e-3. */
  readonly lr?: Hyper;
  /** Memory of the mean gradient. Default 0.9. */
  readonly beta1?: Hyper;
  /** Memory of the largest gradient. Default 0.999. */
  readonly beta2?: Hyper;
  /** Added to each |gradient|. Default 1e-8. */
  readonly eps?: Hyper;
  /** A plain number means `l2`. Default 0. */
  readonly weightDecay?: Hyper | WeightDecay;
}

export const adamaxRule: UpdateRule<AdamaxOptions> = {
  name: "adamax",
  direction: adamaxDirection,
  layerRate: constantRate,
  placement: "outside",
  plainDecay: "l2",
  defaults: { lr: 2e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0 },
  ranges: { lr: atLeastZero, beta1: belowOne, beta2: belowOne, eps: atLeastZero, weightDecay: atLeastZero },
};

/**
 * Adamax: Adam that divides by the largest gradient so far, slowly forgotten, instead of the root mean square.
 *
 *   d = g + wd·w
 *   m ← β1·m + (1 − β1)·d
 *   x ← max(β2·x, |d| + eps)
 *   w ← w − lr/(1 − β1^k) · m/x             k = updates of this parameter
 *
 * No element moves by more than about `lr` in a step, also just after a gradient far larger than any before.
 *
 * - Excluded is nothing, and `trust` is 1 in every record.
 *
 * @throws OptionError  for a beta outside [0, 1), and as `sgd` does
 * @see Kingma & Ba, arXiv:1412.6980, algorithm 2; torch.optim.Adamax
 * @example
 * import { adamax } from "@llr/optim";
 * // After ten gradients of 1 comes one of 1000: the step is a tenth of lr or so, since m took in only a tenth of it.
 * const w = { name: "w", data: Float64Array.of(0), grad: Float64Array.of(1) };
 * const optimizer = adamax([w], { lr: 0.1 });
 * for (let t = 0; t < 10; t++) optimizer.step();
 * w.grad = Float64Array.of(1000);
 * optimizer.step()[0].updateNorm // => 0.0147
 */
export function adamax(params: Iterable<Param>, options: AdamaxOptions & SharedOptions<AdamaxOptions> = {}): Optimizer<AdamaxOptions> {
  return createOptimizer(adamaxRule, params, options);
}
