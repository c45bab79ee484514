import { nadamDirection } from "../directions/nadam.ts";
import type { Hyper } from "../hyper.ts";
import { constantRate } from "../layerRates/constant.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { atLeastZero, belowOne, show } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import type { WeightDecay } from "../weightDecay.ts";

export interface NadamOptions {
  /** Default 2e-3. */
  readonly lr?: Hyper;
  /** Memory of the mean gradient. Default 0.9. */
  readonly beta1?: Hyper;
  /** Memory of the mean squared gradient. Default 0.999. */
  readonly beta2?: Hyper;
  /** Added to the root of the second moment. Default 1e-8. */
  readonly eps?: Hyper;
  /** How fast the momentum warms up from β1/2 to β1. Default 4e-3. */
  readonly momentumDecay?: Hyper;
  /** "torch2": the formula below. "torch1": PyTorch up to 1.13, which multiplies the last product with μ_k once more. Default "torch2". */
  readonly variant?: "torch2" | "torch1";
  /** A plain number means `l2`. Default 0. */
  readonly weightDecay?: Hyper | WeightDecay;
}

export const nadamRule: UpdateRule<NadamOptions> = {
  name: "nadam",
  direction: nadamDirection,
  layerRate: constantRate,
  placement: "outside",
  plainDecay: "l2",
  defaults: { lr: 2e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, momentumDecay: 4e-3, variant: "torch2", weightDecay: 0 },
  ranges: { lr: atLeastZero, beta1: belowOne, beta2: belowOne, eps: atLeastZero, momentumDecay: atLeastZero, weightDecay: atLeastZero },
  refusal: ({ variant }) => (variant === "torch2" || variant === "torch1" ? null : { option: "variant", problem: `variant is ${show(variant)}. It needs "torch2" or "torch1".` }),
};

/**
 * NAdam: Adam that looks ahead as Nesterov's momentum does, with a momentum that warms up.
 *
 *   d = g + wd·w
 *   μ_k = β1·(1 − ½·0.96^(k·momentumDecay)),  Π = μ_1 · … · μ_k      k = updates of this parameter
 *   m ← β1·m + (1 − β1)·d
 *   v ← β2·v + (1 − β2)·d²
 *   u = [ (1 − μ_k)/(1 − Π) · d + μ_{k+1}/(1 − Π·μ_{k+1}) · m ] / (√(v/(1 − β2^k)) + eps)
 *   w ← w − lr·u
 *
 * Both weights of the bracket depend on `beta1` as it is now and on all that it was, so a cycled `beta1` is possible.
 *
 * - Excluded is nothing, and `trust` is 1 in every record.
 * - PyTorch 1.10 to 1.13 computed Π·μ_k·μ_{k+1} in the last denominator, which shortens the first steps by up to 0.7 %:
 *   `variant: "torch1"` repeats trajectories of that time.
 *
 * @throws OptionError  for a beta outside [0, 1), an unknown variant, and as `sgd` does
 * @see Dozat, ICLR 2016 workshop, algorithm 8; torch.optim.NAdam of PyTorch 2
 * @example
 * import { adam, nadam } from "@llr/optim";
 * // A gradient that turns round: NAdam follows it at once, Adam a little later.
 * const moved = [adam, nadam].map((optimizer) => {
 *   const w = { name: "w", data: Float64Array.of(0), grad: Float64Array.of(1) };
 *   const stepper = optimizer([w], { lr: 0.1 });
 *   for (let t = 0; t < 5; t++) stepper.step();
 *   const before = w.data[0];
 *   w.grad = Float64Array.of(-1);
 *   stepper.step();
 *   return Math.sign(w.data[0] - before);
 * });
 * moved // => [-1, 1]
 */
export function nadam(params: Iterable<Param>, options: NadamOptions & SharedOptions<NadamOptions> = {}): Optimizer<NadamOptions> {
  return createOptimizer(nadamRule, params, options);
}
