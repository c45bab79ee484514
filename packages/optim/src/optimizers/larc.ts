import { larcRate } from "../layerRates/larc.ts";
import type { Hyper } from "../hyper.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { aboveZero, atLeastZero } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import { clipOrScale } from "./clipOrScale.ts";
import { nesterovWithoutMomentum, sgdRule, type SgdOptions } from "./sgd.ts";

export interface LarcOptions extends SgdOptions {
  /** "clip": no layer gets more than `lr`. "scale": LARS with the rate outside the buffer. Default "clip". */
  readonly mode?: "clip" | "scale";
  /** η. Default 0.02. */
  readonly trustCoefficient?: Hyper;
  /** Added to the denominator of the ratio. Default 1e-8. */
  readonly eps?: Hyper;
}

export const larcRule: UpdateRule<LarcOptions> = {
  ...sgdRule,
  name: "larc",
  layerRate: larcRate,
  placement: "trustInside",
  defaults: { ...sgdRule.defaults, mode: "clip", trustCoefficient: 0.02, eps: 1e-8 },
  ranges: { ...sgdRule.ranges, trustCoefficient: aboveZero, eps: atLeastZero },
  refusal: (options) => clipOrScale(options) ?? nesterovWithoutMomentum(options),
};

/**
 * SGD whose rate is capped, layer by layer, at LARS's ratio, as NVIDIA's apex does it:
 *
 *   λ = η·‖w‖ / (‖g‖ + wd·‖w‖ + eps)
 *   trust = min(λ/lr, 1)                  clip; scale: trust = λ
 *   d = trust·(g + wd·w)
 *   v ← d the first time, then v ← momentum·v + (1 − dampening)·d
 *   w ← w − lr·v                          Nesterov: w ← w − lr·(d + momentum·v)
 *
 * In clip mode a layer's rate is min(λ, lr): while `lr` is small this is SGD, bit for bit, and however small a gradient
 * gets, no layer exceeds `lr`. `limitedBy` is "schedule" where λ asked for more. `trust` is inside the buffer, `lr` outside.
 *
 * - Zero norms: where ‖w‖ or ‖g‖ is 0, the gradient is taken as it is, **without weight decay** (LARS decays there).
 * - Excluded is nothing, as in apex: a bias is capped by its own, usually small, norm. `exclude: vectors` spares them.
 * - With `decoupled` decay the gradient is left alone and w shrinks by rate·wd; the ratio still counts wd. Apex has no
 *   such form.
 *
 * @throws OptionError  for a trust coefficient <= 0, an unknown mode, and as `sgd` does
 * @see NVIDIA apex, apex/parallel/LARC.py, over torch.optim.SGD. Others call other updates LARC: docs/larc-variants.md
 * @example
 * import { larc } from "@llr/optim";
 * // λ is 0.02·5/10 = 0.01 for the large gradient, and 0.02·5/0.1 = 1 for the small one, which `lr` caps.
 * const params = [10, 0.1].map((size, i) => ({ name: `fc${i}`, data: Float64Array.of(3, 4), grad: Float64Array.of(size, 0) }));
 * const records = larc(params, { lr: 0.4 }).step();
 * records.map((r) => r.rate) // => [0.01, 0.40]
 * records.map((r) => r.limitedBy) // => [null, "schedule"]
 */
export function larc(params: Iterable<Param>, options: LarcOptions & SharedOptions<LarcOptions>): Optimizer<LarcOptions> {
  return createOptimizer(larcRule, params, options);
}
