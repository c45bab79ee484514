import { adamDirection } from "../directions/adam.ts";
import type { Hyper } from "../hyper.ts";
import { lambTimmRate } from "../layerRates/lamb.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { show } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import { adamWRule, type AdamOptions } from "./adamW.ts";
import { clipOrScale } from "./clipOrScale.ts";

export interface LambTimmOptions extends AdamOptions {
  /** Largest norm of all gradients together; Infinity does not clip. Default 1. */
  readonly maxGradNorm?: Hyper;
  /** "scale": trust = λ. "clip" (timm's trust_clip): trust = min(λ, 1). Default "scale". */
  readonly mode?: "scale" | "clip";
  /** Adapt layers without weight decay too. Default false: they get Adam. */
  readonly alwaysAdapt?: boolean;
  /** "withUpdate": decay is part of u. "first" (timm's decoupled_decay): w ← w − lr·wd·w before the norms. Default "withUpdate". */
  readonly decayOrder?: "withUpdate" | "first";
  /** Default true. */
  readonly biasCorrection?: boolean;
}

export const lambTimmRule: UpdateRule<LambTimmOptions> = {
  ...adamWRule,
  name: "lambTimm",
  direction: {
    ...adamDirection,
    update(w, g, state, factors, values, kernels) {
      // timm counts the steps of the optimizer, also those in which this parameter had no gradient.
      state.numbers.updates = values.t;
      return adamDirection.update(w, g, state, factors, values, kernels);
    },
  },
  layerRate: lambTimmRate,
  defaults: { ...adamWRule.defaults, eps: 1e-6, weightDecay: 0.01, maxGradNorm: 1, mode: "scale", alwaysAdapt: false, decayOrder: "withUpdate", biasCorrection: true },
  ranges: { ...adamWRule.ranges, maxGradNorm: { needs: "a number > 0, or Infinity", holds: (x) => x > 0 } },
  gradientScale: (globalNorm, { maxGradNorm }) => 1 / Math.max(1, globalNorm / maxGradNorm),
  refusal(options) {
    const { decayOrder } = options;
    if (decayOrder === "withUpdate" || decayOrder === "first") return clipOrScale(options);
    return { option: "decayOrder", problem: `decayOrder is ${show(decayOrder)}. It needs "withUpdate" or "first".` };
  },
};

/**
 * LAMB as timm defines it, after NVIDIA's FusedLAMB:
 *
 *   g ← g / max(1, ‖all gradients‖ / maxGradNorm)
 *   m ← β1·m + (1 − β1)·g,  v ← β2·v + (1 − β2)·g²
 *   r = (m / (1 − β1^t)) / (√v / √(1 − β2^t) + eps)      t = steps of the optimizer, this one included
 *   u = r + wd·w                          decayOrder "first": w ← w − lr·wd·w, and u = r
 *   λ = ‖w‖ / ‖u‖                         clip: λ = min(‖w‖/‖u‖, 1)
 *   λ = 1                                 where wd = 0, unless `alwaysAdapt`
 *   w ← w − lr·λ·u
 *
 * - The norm is that of all gradients of the optimizer, excluded ones too; groups with a `maxGradNorm` of their own are clipped
 *   at that. The gradients themselves are not written. Do not clip them outside as well.
 * - `t` counts every step. A layer that is thawed late starts with little bias correction, and so with short steps.
 * - Zero norms: where ‖w‖ or ‖u‖ is 0, λ = 1.
 * - Excluded is nothing but layers without decay.
 *
 * @throws OptionError  for maxGradNorm <= 0, an unknown mode or decayOrder, and as `lamb` does
 * @see huggingface/pytorch-image-models, timm/optim/lamb.py
 * @example
 * import { lambTimm, vectors } from "@llr/optim";
 * // Weights move by lr·‖w‖ = 0.05, the bias, without decay, by Adam's lr an element.
 * const weight = { name: "weight", shape: [2, 1], data: Float64Array.of(3, 4), grad: Float64Array.of(100, 1) };
 * const bias = { name: "bias", shape: [1], data: Float64Array.of(5), grad: Float64Array.of(1) };
 * lambTimm([weight, bias], { lr: 0.01, exclude: vectors }).step().map((r) => r.updateNorm) // => [0.05, 0.01]
 */
export function lambTimm(params: Iterable<Param>, options: LambTimmOptions & SharedOptions<LambTimmOptions> = {}): Optimizer<LambTimmOptions> {
  return createOptimizer(lambTimmRule, params, options);
}
