import type { Hyper } from "../hyper.ts";
import { larsTimmRate } from "../layerRates/larsTimm.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { aboveZero, atLeastZero } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import { clipOrScale } from "./clipOrScale.ts";
import { nesterovWithoutMomentum, sgdRule, type SgdOptions } from "./sgd.ts";

export interface LarsTimmOptions extends Omit<SgdOptions, "lr"> {
  /** Default 1. */
  readonly lr?: Hyper;
  /** "scale": trust = λ. "clip" (timm's trust_clip): trust = min(λ/lr, 1). Default "scale". */
  readonly mode?: "scale" | "clip";
  /** Adapt layers without weight decay too. Default false: they get plain SGD. */
  readonly alwaysAdapt?: boolean;
  /** η. Default 0.001. */
  readonly trustCoefficient?: Hyper;
  /** Added to the denominator of the ratio. Default 1e-8. */
  readonly eps?: Hyper;
}

export const larsTimmRule: UpdateRule<LarsTimmOptions> = {
  ...sgdRule,
  name: "larsTimm",
  layerRate: larsTimmRate,
  placement: "trustInside",
  defaults: { ...sgdRule.defaults, lr: 1, mode: "scale", alwaysAdapt: false, trustCoefficient: 0.001, eps: 1e-8 },
  ranges: { ...sgdRule.ranges, trustCoefficient: aboveZero, eps: atLeastZero },
  refusal: (options) => clipOrScale(options) ?? nesterovWithoutMomentum(options),
};

/**
 * LARS as timm defines it: apex's formula, with LARS's defaults and other exceptions.
 *
 *   λ = η·‖w‖ / (‖g‖ + wd·‖w‖ + eps)
 *   trust = λ                             clip: trust = min(λ/lr, 1)
 *   trust = 1                             where wd = 0, unless `alwaysAdapt`
 *   d = trust·(g + wd·w)
 *   v ← d the first time, then v ← momentum·v + (1 − dampening)·d
 *   w ← w − lr·v                          Nesterov: w ← w − lr·(d + momentum·v)
 *
 * **Without weight decay this is SGD**, at a rate meant for LARS: lr = 1 by default. Give a decay, or `alwaysAdapt: true`. The
 * rule is meant for parameter groups without decay, biases and normalisation.
 *
 * - Zero norms: where ‖w‖ or ‖g‖ is 0, λ = 1 and decay still applies (apex leaves it out); in clip mode trust = min(1/lr, 1).
 * - Excluded is nothing but groups without decay. `exclude: vectors` takes decay and trust away from biases and normalisation.
 * - With `decoupled` decay the gradient is left alone and w shrinks by lr·trust·wd. timm has no such form.
 *
 * @throws OptionError  for a trust coefficient <= 0, an unknown mode, and as `sgd` does
 * @see huggingface/pytorch-image-models, timm/optim/lars.py
 * @example
 * import { larsTimm } from "@llr/optim";
 * // A weight decay of a millionth turns the layer rate on.
 * const rates = [0, 1e-6].map((weightDecay) => {
 *   const w = { name: "w", data: Float64Array.of(3, 4), grad: Float64Array.of(0.1, 0) };
 *   return larsTimm([w], { weightDecay }).step()[0].rate;
 * });
 * rates // => [1.000, 0.050]
 */
export function larsTimm(params: Iterable<Param>, options: LarsTimmOptions & SharedOptions<LarsTimmOptions> = {}): Optimizer<LarsTimmOptions> {
  return createOptimizer(larsTimmRule, params, options);
}
