import { larsDirectionRate } from "../layerRates/lars.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import type { UpdateRule } from "../updateRule.ts";
import { larsSimclrRule, type LarsSimclrOptions } from "./larsSimclr.ts";

export const larsSimclrPopularRule: UpdateRule<LarsSimclrOptions> = {
  ...larsSimclrRule,
  name: "larsSimclrPopular",
  layerRate: larsDirectionRate,
  placement: "outside",
};

/**
 * SimCLR's other LARS ("popular" momentum): the ratio is that of the finished update, momentum included.
 *
 *   d = g + wd·w
 *   v ← momentum·v + d                  Nesterov: u = d + momentum·v, else u = v
 *   λ = η·‖w‖ / ‖u‖
 *   w ← w − lr·λ·u                      rate and trust outside the buffer
 *
 * Every step of every layer is exactly lr·η·‖w‖ long, whatever the gradients and the buffer hold: momentum turns the step and
 * never lengthens it. So `lr` is 1/(1 − momentum) = 10 times what `larsSimclr` takes for the same speed.
 *
 * - Zero norms: where ‖w‖ or ‖u‖ is 0, λ = 1.
 * - Excluded by default are parameters of at most one axis (biases, normalisation): λ = 1 and no decay. `exclude: []` takes them in.
 * - With `decoupled` decay the buffer holds plain gradients and u = v + wd·w. SimCLR has no such form.
 * - Two more arrays per parameter are kept: u must be known before the first weight is written.
 *
 * @throws OptionError  for a trust coefficient <= 0, and as `sgd` does
 * @see google-research/simclr, lars_optimizer.py, classic_momentum=False
 * @example
 * import { larsSimclr, larsSimclrPopular } from "@llr/optim";
 * // Ten equal gradients: the classic step grows with the buffer, the popular one is 0.001 · ‖w‖ from first to last.
 * const tenth = [larsSimclr, larsSimclrPopular].map((optimizer) => {
 *   const w = { name: "w", data: Float64Array.of(1), grad: Float64Array.of(1) };
 *   const stepper = optimizer([w], { lr: 1 });
 *   for (let t = 0; t < 9; t++) stepper.step();
 *   return stepper.step()[0].updateNorm;
 * });
 * tenth // => [0.0064, 0.0010]
 */
export function larsSimclrPopular(params: Iterable<Param>, options: LarsSimclrOptions & SharedOptions<LarsSimclrOptions>): Optimizer<LarsSimclrOptions> {
  return createOptimizer(larsSimclrPopularRule, params, options);
}
