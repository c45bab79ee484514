import { adamWRule, type AdamOptions } from "./adamW.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import type { UpdateRule } from "../updateRule.ts";

export const adamRule: UpdateRule<AdamOptions> = {
  ...adamWRule,
  name: "adam",
  plainDecay: "l2",
  defaults: { ...adamWRule.defaults, weightDecay: 0 },
};

/**
 * Adam as first published: `adamW` with weight decay, if any, as `l2`. The decay then passes through the moments, where
 * weights with large gradients are hardly decayed at all; it is here for comparison.
 *
 * @see Kingma & Ba, arXiv:1412.6980, algorithm 1; torch.optim.Adam
 * @example
 * import { adam, adamW } from "@llr/optim";
 * const decayed = [adam, adamW].map((optimizer) => {
 *   const w = { name: "w", data: Float64Array.of(1), grad: Float64Array.of(100) };
 *   optimizer([w], { lr: 0.1, weightDecay: 0.5 }).step();
 *   return w.data[0];
 * });
 * decayed // => [0.9, 0.85]
 */
export function adam(params: Iterable<Param>, options: AdamOptions & SharedOptions<AdamOptions> = {}): Optimizer<AdamOptions> {
  return createOptimizer(adamRule, params, options);
}
