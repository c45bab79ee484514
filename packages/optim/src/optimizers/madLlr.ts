import { momentumDirection } from "../directions/momentum.ts";
import { OptionError } from "../errors.ts";
import type { Hyper } from "../hyper.ts";
import { madLlrRate } from "../layerRates/madLlr.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { aboveZero, atLeastOne, atLeastZero, belowOne, show, wholeOrZero } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import type { WeightDecay } from "../weightDecay.ts";

export interface MadLlrOptions {
  /** The rate during warm-up; in cap mode also the largest that any layer gets. */
  readonly lr: Hyper;
  /** "cap": with the guards. "literal": the bare rule, which is unstable in stochastic training. Default "cap". */
  readonly mode?: "cap" | "literal";
  /** "averages": moving averages over the steps, which see the noise of the batches. "sameBatch": two gradients of one batch. Default "averages". */
  readonly secant?: "averages" | "sameBatch";
  /** "tensor": a rate for each parameter. "layer": one estimate from all parameters of a layer. Default "tensor". */
  readonly scope?: "tensor" | "layer";
  /** Memory of the running means of weights and gradients; the secant of one batch has none. Default 0.9. */
  readonly beta?: Hyper;
  /** Multiplies the estimate. Not a safety factor: below about √(2·(1 − beta)) a noisy estimate shrinks to 0. Default 1. */
  readonly coefficient?: Hyper;
  /** Default 0. */
  readonly momentum?: Hyper;
  /** Multiply the estimate by 1 − momentum, since the buffer multiplies the step by 1/(1 − momentum). Default true. */
  readonly momentumCorrection?: boolean;
  /** Steps at `lr` before the estimate is used. Default 20; literal 1. */
  readonly warmup?: Hyper;
  /** Cap mode: largest factor from one step's rate to the next. Default 1.02. */
  readonly growth?: Hyper;
  /** Cap mode: smallest rate, as a share of `baseLr`. Default 0.001. */
  readonly floor?: Hyper;
  /** What `floor` is a share of. Default `lr` where that is a number; for a schedule give its peak. */
  readonly baseLr?: number;
  /** A plain number means `decoupled`. Default 0. */
  readonly weightDecay?: Hyper | WeightDecay;
}

export const madLlrRule: UpdateRule<MadLlrOptions> = {
  name: "madLlr",
  direction: momentumDirection,
  layerRate: madLlrRate,
  placement: "outside",
  plainDecay: "decoupled",
  defaults: { mode: "cap", secant: "averages", scope: "tensor", beta: 0.9, coefficient: 1, momentum: 0, momentumCorrection: true, warmup: 20, growth: 1.02, floor: 1e-3, weightDecay: 0 },
  ranges: {
    lr: atLeastZero,
    beta: belowOne,
    coefficient: aboveZero,
    momentum: belowOne,
    warmup: wholeOrZero,
    growth: atLeastOne,
    floor: atLeastZero,
    baseLr: atLeastZero,
    weightDecay: atLeastZero,
  },
  nonFinite: "skip",
  derivedOptions: warmupAndBase,
  refusal: (options) => notAmong("mode", options.mode, "cap", "literal") ?? notAmong("secant", options.secant, "averages", "sameBatch") ?? notAmong("scope", options.scope, "tensor", "layer"),
};

function notAmong(option: string, value: unknown, one: string, other: string): { option: string; problem: string } | null {
  return value === one || value === other ? null : { option, problem: `${option} is ${show(value)}. It needs ${show(one)} or ${show(other)}.` };
}

/**
 * MAD-LLR (experimental): a rate for each layer from how far weights and gradients have moved, L. Smith's
 * `‖moving average of Δw‖ / ‖moving average of Δg‖`. An average of differences telescopes, so it needs no earlier copies:
 *
 *   a = ‖w − W‖, y = ‖g − G‖           then W ← β·W + (1 − β)·w, G ← β·G + (1 − β)·g   (first: W = w, G = g)
 *   estimate = coefficient · a/y · (1 − momentum)
 *   rate = lr                                                          while fewer than `warmup` gradients were seen
 *   rate = min(lr, max(floor·baseLr, min(estimate, growth·last rate)))    cap
 *   rate = estimate                                                       literal
 *   v ← g the first time, then v ← momentum·v + g
 *   w ← w − rate·v − rate·wd·w
 *
 * With `scope: "layer"` a and y are the norms over all parameters of a layer that have a gradient, so that weight and bias get
 * one estimate; what `lr`, `growth` and `floor` make of it still goes by each parameter's group and history.
 *
 * With `secant: "sameBatch"` W and G are w and g of the step before, and y = ‖g' − G‖ with g' the gradient of the batch before
 * at the present weights. Both ends of the secant see the same batch, so that its noise cancels: no drift, for one more
 * backward pass a step. Give g' as `step(gradients, previousBatch)` (or `step(undefined, previousBatch)`); a parameter that it
 * does not name keeps its last rate in this step. A schedule for `coefficient` then multiplies the estimate, in literal mode
 * without other guards.
 *
 * On a quadratic, a/y lies between 1/(largest curvature) and 1/(smallest curvature) of the layer: the step that Newton's
 * method would take, found without a Hessian. It is the always positive cousin of the Barzilai-Borwein steps.
 *
 * With gradient noise the bare rule feeds on itself, because it made the Δw that it divides by: rates drift off to 0 or to
 * far above what is stable. The guards of cap mode keep it between `floor` and `lr` and slow its growth, never its fall;
 * late in training the rate is then set by the guards rather than by curvature. `limitedBy` says which one acted:
 * "warmup", "growth", "floor" or "schedule" (= `lr`).
 *
 * - Zero norms: without an estimate (nothing moved, or a/y is not finite) the last rate stays; `limitedBy` says "zeroNorm"
 *   unless a guard acts on it. Float32 weights count as unmoved below 1e-6·‖w‖, which is rounding.
 * - Gradients that are not finite are skipped by default, since they would spoil the means for good (`nonFinite`).
 * - Excluded is nothing. `exclude: vectors` gives biases and normalisation the plain `lr`, without decay.
 * - The estimate reads the gradient as given. Clipping before the step hides its changes and makes rates too large.
 *
 * @throws GradientError  at the second step and later, if `secant` is "sameBatch" and `previousBatch` is not given
 * @throws OptionError  for growth < 1, an unknown mode, secant or scope, cap mode with a schedule for `lr` and no `baseLr`, and as `sgd` does
 * @see L. N. Smith, forums.fast.ai "Cyclical Layer Learning Rates", post 28, for the rule; the guards are our own.
 *      Barzilai & Borwein, IMA J. Numer. Anal. 8 (1988), for the step sizes
 * @example
 * import { madLlr } from "@llr/optim";
 * // Losses ½·h·w² of curvature h = 0.5 and 50: the rates become 1/h.
 * const layers = [0.5, 50].map((h) => ({ h, name: `curvature ${h}`, data: Float64Array.of(1), grad: new Float64Array(1) }));
 * const optimizer = madLlr(layers, { lr: 0.001, mode: "literal" });
 * const rates = [0, 1].map(() => {
 *   for (const layer of layers) layer.grad[0] = layer.h * layer.data[0];
 *   return optimizer.step().map((record) => record.rate);
 * });
 * rates[0] // => [0.001, 0.001]
 * rates[1] // => [2.000, 0.020]
 */
export function madLlr(params: Iterable<Param>, options: MadLlrOptions & SharedOptions<MadLlrOptions>): Optimizer<MadLlrOptions> {
  return createOptimizer(madLlrRule, params, options);
}

function warmupAndBase({ lr, mode = "cap", warmup = mode === "literal" ? 1 : 20, baseLr }: MadLlrOptions): Partial<MadLlrOptions> {
  if (mode === "cap" && typeof lr === "function" && baseLr === undefined)
    throw new OptionError("madLlr", "baseLr", "lr is a schedule and baseLr is undefined. The floor is a share of baseLr: it needs the schedule's peak.");
  return { warmup, baseLr: baseLr ?? (typeof lr === "number" ? lr : 0) };
}
