import { momentumDirection } from "../directions/momentum.ts";
import type { Hyper } from "../hyper.ts";
import { larcOpenSeq2SeqRate } from "../layerRates/larcOpenSeq2Seq.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { aboveZero, atLeastZero, belowOne } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import type { WeightDecay } from "../weightDecay.ts";
import { clipOrScale } from "./clipOrScale.ts";

export interface LarcOpenSeq2SeqOptions {
  readonly lr: Hyper;
  /** Default 0.9. */
  readonly momentum?: Hyper;
  /** A plain number means `l2`, a term of the loss. Default 0. */
  readonly weightDecay?: Hyper | WeightDecay;
  /** "clip": no layer gets more than `lr`. "scale": lr·λ. Default "clip". */
  readonly mode?: "clip" | "scale";
  /** η. Default 0.001. */
  readonly trustCoefficient?: Hyper;
  /** Smallest trust. Default 1e-7. */
  readonly minUpdate?: Hyper;
  /** Added to the norm of the gradient; above 0, since norms of 0 have no rule. Default 1e-7. */
  readonly eps?: Hyper;
}

export const larcOpenSeq2SeqRule: UpdateRule<LarcOpenSeq2SeqOptions> = {
  name: "larcOpenSeq2Seq",
  direction: momentumDirection,
  layerRate: larcOpenSeq2SeqRate,
  placement: "trustInside",
  plainDecay: "l2",
  defaults: { momentum: 0.9, weightDecay: 0, mode: "clip", trustCoefficient: 0.001, minUpdate: 1e-7, eps: 1e-7 },
  ranges: { lr: atLeastZero, momentum: belowOne, weightDecay: atLeastZero, trustCoefficient: aboveZero, minUpdate: atLeastZero, eps: aboveZero },
  refusal: clipOrScale,
};

/**
 * LARC as OpenSeq2Seq defines it: the ratio counts the decayed gradient as one vector, and has a floor.
 *
 *   d = g + wd·w
 *   trust = min(max(η·‖w‖ / (lr·(‖d‖ + eps)), minUpdate), 1)      clip
 *   trust = max(η·‖w‖ / (‖d‖ + eps), minUpdate)                   scale
 *   v ← momentum·v + trust·d                                      trust inside the buffer
 *   w ← w − lr·v
 *
 * - Zero norms have no rule. Where ‖w‖ is 0, trust is minUpdate: **a layer that begins with zeros is as good as frozen** (its
 *   record says `floor`); `exclude` it.
 * - Do not clip gradients by their norm as well; OpenSeq2Seq refuses the combination. The ratio undoes the clipping.
 * - With `decoupled` decay d is g, and w shrinks by lr·trust·wd. OpenSeq2Seq has no such form.
 * - Excluded is nothing.
 *
 * @throws OptionError  for a trust coefficient or eps <= 0, an unknown mode, and as `sgd` does
 * @see NVIDIA/OpenSeq2Seq, open_seq2seq/optimizers/optimizers.py, post_process_gradients, over TensorFlow's momentum
 * @example
 * import { larcOpenSeq2Seq } from "@llr/optim";
 * // A layer that begins with zeros moves by a ten-millionth of what SGD would do.
 * const w = { name: "w", data: Float64Array.of(0), grad: Float64Array.of(1) };
 * const [record] = larcOpenSeq2Seq([w], { lr: 0.1 }).step();
 * [record.trust, record.limitedBy] // => [0.0000001, "floor"]
 */
export function larcOpenSeq2Seq(params: Iterable<Param>, options: LarcOpenSeq2SeqOptions & SharedOptions<LarcOpenSeq2SeqOptions>): Optimizer<LarcOpenSeq2SeqOptions> {
  return createOptimizer(larcOpenSeq2SeqRule, params, options);
}
