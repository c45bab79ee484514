import { adamDirection } from "../directions/adam.ts";
import type { Hyper } from "../hyper.ts";
import { constantRate } from "../layerRates/constant.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { atLeastZero, belowOne } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import type { WeightDecay } from "../weightDecay.ts";

export interface AdamOptions {
  /** Default 1e-3. */
  readonly lr?: Hyper;
  /** Memory of the mean gradient. Default 0.9; 1cycle moves it as it moves momentum. */
  readonly beta1?: Hyper;
  /** Memory of the mean squared gradient. Default 0.999. */
  readonly beta2?: Hyper;
  /** Added to the root of the second moment. Default 1e-8. */
  readonly eps?: Hyper;
  /** Divide by the largest second moment so far (AMSGrad). Default false. */
  readonly amsgrad?: boolean;
  /** A plain number means `decoupled` for adamW (default 0.01) and `l2` for adam (default 0). */
  readonly weightDecay?: Hyper | WeightDecay;
}

export const adamWRule: UpdateRule<AdamOptions> = {
  name: "adamW",
  direction: adamDirection,
  layerRate: constantRate,
  placement: "outside",
  plainDecay: "decoupled",
  defaults: { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, amsgrad: false, weightDecay: 0.01 },
  ranges: { lr: atLeastZero, beta1: belowOne, beta2: belowOne, eps: atLeastZero, weightDecay: atLeastZero },
};

/**
 * Adam with decoupled weight decay:
 *
 *   m ← β1·m + (1 − β1)·g
 *   v ← β2·v + (1 − β2)·g²
 *   u = (m / (1 − β1^k)) / (√v / √(1 − β2^k) + eps)      k = updates of this parameter
 *   w ← w − lr·u − lr·wd·w
 *
 * With `amsgrad`, √v is replaced by the root of the largest v so far (Reddi et al. 2018), so that an element's steps do not
 * grow again when its large gradients are forgotten; as in PyTorch the maximum is taken before the bias correction.
 *
 * `k` counts per parameter, so a layer that is thawed late gets its full bias correction. With a schedule on `beta1` the
 * correction uses the present value, as PyTorch's does. Every layer gets `lr` (times its layer scale): `trust` is 1 and
 * `limitedBy` null. That is the scheduled rate; Adam's own division by √v is per element and part of the direction.
 *
 * @throws OptionError  for a negative or NaN rate, a beta outside [0, 1), and as `sgd` does
 * @see Loshchilov & Hutter, arXiv:1711.05101, algorithm 2 (with its schedule multiplier folded into lr); torch.optim.AdamW
 * @example
 * import { adamW } from "@llr/optim";
 * // Gradients a million times apart, and both weights move by the rate.
 * const w = { name: "w", data: Float64Array.of(0, 0), grad: Float64Array.of(1000, 0.001) };
 * adamW([w], { lr: 0.1 }).step();
 * w.data // => [-0.1000, -0.1000]
 */
export function adamW(params: Iterable<Param>, options: AdamOptions & SharedOptions<AdamOptions> = {}): Optimizer<AdamOptions> {
  return createOptimizer(adamWRule, params, options);
}
