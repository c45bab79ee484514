import { momentumDirection } from "../directions/momentum.ts";
import type { Hyper } from "../hyper.ts";
import { larcNvcaffeRate } from "../layerRates/larcNvcaffe.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { aboveZero, atLeastZero, belowOne } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import type { WeightDecay } from "../weightDecay.ts";
import { clipOrScale } from "./clipOrScale.ts";

export interface LarcNvcaffeOptions {
  readonly lr: Hyper;
  /** Default 0. */
  readonly momentum?: Hyper;
  /** A plain number means `decoupled`, the reading of the GPU code. Default 0. */
  readonly weightDecay?: Hyper | WeightDecay;
  /** "scale": lr·λ. "clip": min(λ, lr). Default "scale". */
  readonly mode?: "clip" | "scale";
  /** η. Default 0.001. */
  readonly trustCoefficient?: Hyper;
}

export const larcNvcaffeRule: UpdateRule<LarcNvcaffeOptions> = {
  name: "larcNvcaffe",
  direction: momentumDirection,
  layerRate: larcNvcaffeRate,
  placement: "inside",
  plainDecay: "decoupled",
  defaults: { momentum: 0, weightDecay: 0, mode: "scale", trustCoefficient: 0.001 },
  ranges: { lr: atLeastZero, momentum: belowOne, weightDecay: atLeastZero, trustCoefficient: aboveZero },
  refusal: clipOrScale,
};

/**
 * LARS and LARC as NVIDIA's Caffe has them, where both come from: the ratio allows for momentum, and not for decay.
 *
 *   λ = (1 − momentum)·η·‖w‖ / ‖g‖        of the raw gradient
 *   rate = lr·λ                           scale; clip: min(λ, lr)
 *   v ← momentum·v + rate·g               the rate inside the buffer
 *   w ← w − v − rate·wd·w                 `decoupled`, the reading of the GPU code
 *   v ← momentum·v + rate·(g + wd·w), w ← w − v      `l2`, the other reading
 *
 * A buffer multiplies steps by 1/(1 − momentum) in the long run; the factor 1 − momentum takes that back, so that η is the share
 * of its norm that a layer really moves. The other variants leave that to the user, and need a tenth of the η at momentum 0.9.
 *
 * - **Decay is not in the denominator**: as a gradient dies, λ grows without bound, and rate·wd with it. Beyond 2 the decay of
 *   scale mode turns the weights round and they grow to infinity. Clip mode keeps the rate below lr.
 * - Zero norms: where ‖w‖ or ‖g‖ is 0, λ = 1 and decay still applies; in clip mode the rate is min(1, lr).
 * - Excluded is nothing.
 *
 * @throws OptionError  for a trust coefficient <= 0, an unknown mode, and as `sgd` does
 * @see NVIDIA/caffe, branch caffe-0.17, src/caffe/solvers/sgd_solver.cpp and .cu (GetLocalRate, SGDRegUpdateAllAndClear)
 * @example
 * import { larcNvcaffe } from "@llr/optim";
 * // Sixty equal gradients at the same w: the steps approach η·‖w‖ = 0.01, with or without momentum.
 * const later = [0, 0.9].map((momentum) => {
 *   const w = { name: "w", data: Float64Array.of(1), grad: Float64Array.of(1) };
 *   const optimizer = larcNvcaffe([w], { lr: 1, momentum, trustCoefficient: 0.01 });
 *   const lengths = Array.from({ length: 60 }, () => {
 *     w.data[0] = 1;
 *     return optimizer.step()[0].updateNorm;
 *   });
 *   return lengths[59];
 * });
 * later // => [0.010, 0.010]
 */
export function larcNvcaffe(params: Iterable<Param>, options: LarcNvcaffeOptions & SharedOptions<LarcNvcaffeOptions>): Optimizer<LarcNvcaffeOptions> {
  return createOptimizer(larcNvcaffeRule, params, options);
}
