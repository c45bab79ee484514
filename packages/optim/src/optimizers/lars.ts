import { momentumDirection } from "../directions/momentum.ts";
import type { Hyper } from "../hyper.ts";
import { larsRate } from "../layerRates/lars.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { vectors } from "../paramSelector.ts";
import { aboveZero, atLeastZero, belowOne } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import type { WeightDecay } from "../weightDecay.ts";
import { nesterovWithoutMomentum } from "./sgd.ts";

export interface LarsOptions {
  /** Multiplies every layer's ratio: of the order of 1 to 30, not of an SGD rate. */
  readonly lr: Hyper;
  /** Default 0.9. */
  readonly momentum?: Hyper;
  /** Default false. */
  readonly nesterov?: boolean;
  /** A plain number means `l2`. Default 1e-4. */
  readonly weightDecay?: Hyper | WeightDecay;
  /** η: the share of its own norm that a layer moves per step, at lr = 1. Default 0.001. */
  readonly trustCoefficient?: Hyper;
  /** Added to the denominator. Default 0: zero norms have a rule of their own. */
  readonly eps?: Hyper;
}

export const larsRule: UpdateRule<LarsOptions> = {
  name: "lars",
  direction: momentumDirection,
  layerRate: larsRate,
  placement: "inside",
  plainDecay: "l2",
  defaults: { momentum: 0.9, nesterov: false, weightDecay: 1e-4, trustCoefficient: 0.001, eps: 0 },
  ranges: { lr: atLeastZero, momentum: belowOne, weightDecay: atLeastZero, trustCoefficient: aboveZero, eps: atLeastZero },
  exclude: vectors,
  refusal: nesterovWithoutMomentum,
};

/**
 * Layer-wise adaptive rate scaling, in the form of the paper: every layer moves by the same share of its own norm.
 *
 *   λ = η·‖w‖ / (‖g‖ + wd·‖w‖ + eps)    norms before decay
 *   v ← momentum·v + lr·λ·(g + wd·w)    rate and trust inside the buffer
 *   w ← w − v                           Nesterov: w ← w − (lr·λ·(g + wd·w) + momentum·v)
 *
 * Inside means that what was taken in at a high rate keeps it: after a drop of `lr` the buffer runs on for some steps.
 * (PyTorch's SGD and `larc` have the rate outside; the forms agree only while `lr` and λ are constant.)
 *
 * - Zero norms: where ‖w‖ or ‖g‖ is 0, λ = 1 and decay still applies. The record says `zeroNorm`.
 * - Excluded by default are parameters of at most one axis (biases, normalisation): λ = 1 and no decay. This needs
 *   their `shape`; `exclude` takes another selection. Excluded ones train at `lr` itself, a hundred to a thousand times the
 *   rate of the weights: without normalisation layers use `exclude: []`, as the paper's own nets do, or give them a group with
 *   a rate of SGD's size.
 * - With `decoupled` decay the gradient is left alone and w shrinks by lr·λ·wd instead. The ratio still counts wd: without
 *   it, nothing would keep λ·wd, and so the share that is decayed, below 1 when a gradient vanishes.
 * - As the gradient goes to 0, λ grows up to η/wd, and without decay it has no bound. That is how LARS with a long high rate
 *   crashes late in training; less decay raises the ceiling.
 *
 * @throws OptionError  for a trust coefficient <= 0, and as `sgd` does
 * @see You, Gitman & Ginsburg, arXiv:1708.03888, algorithm 1. The zero rule and the exclusions are those of the MLPerf
 *      reference implementation (mlcommons, lars_optimizer.py), which adds an eps of 1e-7 where none is given. Others call
 *      other updates LARS: docs/lars-variants.md
 * @example
 * import { lars } from "@llr/optim";
 * // Two layers of norm 5 whose gradients are a million times apart: both move by 0.001 · 5.
 * const params = [1000, 0.001].map((size, i) => ({ name: `fc${i}`, data: Float64Array.of(3, 4), grad: Float64Array.of(size, 0) }));
 * const records = lars(params, { lr: 1, weightDecay: 0 }).step();
 * records.map((r) => r.rate) // => [0.000005, 5.000000]
 * records.map((r) => r.updateNorm) // => [0.005, 0.005]
 */
export function lars(params: Iterable<Param>, options: LarsOptions & SharedOptions<LarsOptions>): Optimizer<LarsOptions> {
  return createOptimizer(larsRule, params, options);
}
