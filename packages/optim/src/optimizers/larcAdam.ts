import type { Hyper } from "../hyper.ts";
import { larcRate } from "../layerRates/larc.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { aboveZero, atLeastZero } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import { adamRule } from "./adam.ts";
import type { AdamOptions } from "./adamW.ts";
import { clipOrScale } from "./clipOrScale.ts";

export interface LarcAdamOptions extends AdamOptions {
  /** "clip": trust = min(λ/lr, 1). "scale": trust = λ. Default "clip". */
  readonly mode?: "clip" | "scale";
  /** η. Default 0.02. */
  readonly trustCoefficient?: Hyper;
  /** Added to the denominator of the ratio; `eps` is Adam's. Default 1e-8. */
  readonly trustEps?: Hyper;
}

export const larcAdamRule: UpdateRule<LarcAdamOptions> = {
  ...adamRule,
  name: "larcAdam",
  layerRate: { ...larcRate, rateOf: (layer, { trustEps, ...values }) => larcRate.rateOf(layer, { ...values, eps: trustEps }) },
  placement: "trustInside",
  defaults: { ...adamRule.defaults, mode: "clip", trustCoefficient: 0.02, trustEps: 1e-8 },
  ranges: { ...adamRule.ranges, trustCoefficient: aboveZero, trustEps: atLeastZero },
  refusal: clipOrScale,
};

/**
 * apex's LARC over Adam, for comparison: the layer's trust multiplies the gradient before Adam sees it.
 *
 *   λ = η·‖w‖ / (‖g‖ + wd·‖w‖ + trustEps)
 *   trust = min(λ/lr, 1)                  clip; scale: trust = λ
 *   d = trust·(g + wd·w)
 *   then `adam` with d for the gradient, at lr, without decay of its own
 *
 * **Adam divides by the size of its gradients, so it takes the trust out again**: with a constant trust the steps are those of
 * Adam, up to eps. What remains is a weighting of each step's gradient against those before and after it. The record's `rate`
 * is lr·trust all the same. A layer rate that Adam cannot undo is `lamb`'s.
 *
 * - Over AdamW, apex does the same and **loses the decoupled decay**: wd·w passes through the moments as it does in Adam. That is
 *   `larcAdam` with AdamW's `weightDecay: 0.01`. With `decoupled(0.01)` here, w shrinks by lr·trust·wd beside the moments; apex has
 *   no such form.
 * - Zero norms: where ‖w‖ or ‖g‖ is 0, the gradient is taken as it is, without weight decay.
 * - Excluded is nothing.
 *
 * @throws OptionError  for a trust coefficient <= 0, an unknown mode, and as `adam` does
 * @see NVIDIA apex, apex/parallel/LARC.py, over torch.optim.Adam and AdamW
 * @example
 * import { adam, larcAdam } from "@llr/optim";
 * // Trust is 0.02·5/100 / 0.1 = 0.01, and the weights move as with Adam.
 * const moved = [adam, larcAdam].map((optimizer) => {
 *   const w = { name: "w", data: Float64Array.of(3, 4), grad: Float64Array.of(100, 0) };
 *   optimizer([w], { lr: 0.1 }).step();
 *   return w.data[0];
 * });
 * moved // => [2.900, 2.900]
 */
export function larcAdam(params: Iterable<Param>, options: LarcAdamOptions & SharedOptions<LarcAdamOptions> = {}): Optimizer<LarcAdamOptions> {
  return createOptimizer(larcAdamRule, params, options);
}
