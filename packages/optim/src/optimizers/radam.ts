import { radamDirection } from "../directions/radam.ts";
import type { Hyper } from "../hyper.ts";
import { constantRate } from "../layerRates/constant.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { atLeastZero, belowOne } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import type { WeightDecay } from "../weightDecay.ts";

export interface RadamOptions {
  /** Default 1e-3. */
  readonly lr?: Hyper;
  /** Memory of the mean gradient. Default 0.9. */
  readonly beta1?: Hyper;
  /** Memory of the mean squared gradient. Default 0.999. */
  readonly beta2?: Hyper;
  /** Added to the root of the second moment. Default 1e-8. */
  readonly eps?: Hyper;
  /** A plain number means `l2`. Default 0. */
  readonly weightDecay?: Hyper | WeightDecay;
}

export const radamRule: UpdateRule<RadamOptions> = {
  name: "radam",
  direction: radamDirection,
  layerRate: constantRate,
  placement: "outside",
  plainDecay: "l2",
  defaults: { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0 },
  ranges: { lr: atLeastZero, beta1: belowOne, beta2: belowOne, eps: atLeastZero, weightDecay: atLeastZero },
};

/**
 * RAdam: Adam with a warm-up of its own. It divides by the second moment only when that has seen enough gradients, and less
 * than fully at first.
 *
 *   d = g + wd·w
 *   m ← β1·m + (1 − β1)·d
 *   v ← β2·v + (1 − β2)·d²
 *   m̂ = m/(1 − β1^k)                        k = updates of this parameter
 *   ρ∞ = 2/(1 − β2) − 1,  ρ = ρ∞ − 2k·β2^k/(1 − β2^k)
 *   ρ <= 5:  u = m̂                          momentum, for 5 updates at the default β2
 *   ρ > 5:   u = m̂ · r · √(1 − β2^k)/(√v + eps),  r² = (ρ − 4)(ρ − 2)·ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)·ρ)
 *   w ← w − lr·u
 *
 * While it does not divide, a step is as long as the gradient says: a large `lr` with large gradients can hurt there.
 *
 * - Excluded is nothing, and `trust` is 1 in every record.
 *
 * @throws OptionError  for a beta outside [0, 1), and as `sgd` does
 * @see Liu et al., arXiv:1908.03265, algorithm 2 (with 5 for its 4, as in torch.optim.RAdam)
 * @example
 * import { radam } from "@llr/optim";
 * // Five steps of momentum, as long as the gradient says; then Adam's, shortened to 3 % of lr at first.
 * const w = { name: "w", data: Float64Array.of(0), grad: Float64Array.of(10) };
 * const optimizer = radam([w], { lr: 0.1 });
 * [1, 2, 3, 4, 5, 6].map(() => optimizer.step()[0].updateNorm) // => [1.000, 1.000, 1.000, 1.000, 1.000, 0.0026]
 */
export function radam(params: Iterable<Param>, options: RadamOptions & SharedOptions<RadamOptions> = {}): Optimizer<RadamOptions> {
  return createOptimizer(radamRule, params, options);
}
