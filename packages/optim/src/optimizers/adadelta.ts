import { adadeltaDirection } from "../directions/adadelta.ts";
import type { Hyper } from "../hyper.ts";
import { constantRate } from "../layerRates/constant.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { aboveZero, atLeastZero, belowOne } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import type { WeightDecay } from "../weightDecay.ts";

export interface AdadeltaOptions {
  /** Default 1: the update has the unit of the weight already. */
  readonly lr?: Hyper;
  /** Memory of both mean squares. Default 0.9. */
  readonly rho?: Hyper;
  /** Added inside both roots; also the size of the first steps. Default 1e-6. */
  readonly eps?: Hyper;
  /** A plain number means `l2`. Default 0. */
  readonly weightDecay?: Hyper | WeightDecay;
}

export const adadeltaRule: UpdateRule<AdadeltaOptions> = {
  name: "adadelta",
  direction: adadeltaDirection,
  layerRate: constantRate,
  placement: "outside",
  plainDecay: "l2",
  defaults: { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0 },
  ranges: { lr: atLeastZero, rho: belowOne, eps: aboveZero, weightDecay: atLeastZero },
};

/**
 * Adadelta: steps in units of the weight, from the sizes of past updates and past gradients, with no rate to find.
 *
 *   d = g + wd·w
 *   v ← ρ·v + (1 − ρ)·d²
 *   u = √(x + eps)/√(v + eps) · d
 *   x ← ρ·x + (1 − ρ)·u²
 *   w ← w − lr·u
 *
 * It begins slowly, since x begins at 0 and the first steps are of the size √eps.
 *
 * - Excluded is nothing, and `trust` is 1 in every record.
 *
 * @throws OptionError  for rho outside [0, 1), eps <= 0, and as `sgd` does
 * @see Zeiler, arXiv:1212.5701, algorithm 1; torch.optim.Adadelta
 * @example
 * import { adadelta } from "@llr/optim";
 * // The first step is √(eps/(1 − ρ)) = 0.00316, whatever the size of the gradient; the second is longer.
 * const w = { name: "w", data: Float64Array.of(0), grad: Float64Array.of(1000) };
 * const optimizer = adadelta([w], {});
 * [1, 2].map(() => optimizer.step()[0].updateNorm) // => [0.003162, 0.003244]
 */
export function adadelta(params: Iterable<Param>, options: AdadeltaOptions & SharedOptions<AdadeltaOptions> = {}): Optimizer<AdadeltaOptions> {
  return createOptimizer(adadeltaRule, params, options);
}
