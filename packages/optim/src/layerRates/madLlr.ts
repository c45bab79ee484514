import type { FloatArray } from "../param.ts";
import { atLeastZero, wholeOrZero } from "../range.ts";
import type { LayerRate, Limit } from "../updateRule.ts";

export interface MadLlrValues {
  readonly mode: "cap" | "literal";
  readonly secant: "averages" | "sameBatch";
  readonly scope: "tensor" | "layer";
  readonly beta: number;
  readonly coefficient: number;
  readonly momentum: number;
  readonly momentumCorrection: boolean;
  readonly warmup: number;
  readonly growth: number;
  readonly floor: number;
  readonly baseLr: number;
}

/**
 * Moves a running mean on, `mean ← beta·mean + (1 − beta)·x`, in place.
 *
 * @returns ‖x − mean‖₂ with the mean as it was before
 */
export function trackMean(mean: FloatArray, x: FloatArray, beta: number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    // float64: x and its mean are nearly equal, and the square of their difference is smaller still.
    const distance = x[i] - mean[i];
    sum += distance * distance;
    mean[i] = beta * mean[i] + (1 - beta) * x[i];
  }
  return Math.sqrt(sum);
}

/** A float32 weight that moved less than this, relative to its size, moved by the rounding of its mean. */
const FLOAT32_RESOLUTION = 1e-6;

/** Squares, since those of a layer's tensors are added up. */
const UNKNOWN = [0, 0, 0];

/** MAD-LLR's estimate of the layer's rate, and its guards: see the optimizer `madLlr` for formulas and reasons. */
export const madLlrRate: LayerRate<MadLlrValues> = {
  // `rate` is the last one given; `seen` counts the gradients so far.
  state: { arrays: () => ["meanWeight", "meanGradient"], numbers: ["seen", "rate"], ranges: { seen: wholeOrZero, rate: atLeastZero } },
  sumsOverLayer: ({ scope }) => scope === "layer",
  readsPreviousBatch: ({ secant }) => secant === "sameBatch",

  /** How far weights and gradient are from their means, and how far a float32 weight may be by rounding; moves the means on. */
  measure({ w, g, previousBatch, weightNorm, state, kernels }, { secant, beta }) {
    const { meanWeight, meanGradient } = state.arrays;
    const track = kernels.trackMean ?? trackMean;
    const isFirst = state.numbers.seen === 0;
    // The first gradient starts the means, and those of one batch are the last weights and the last gradient themselves.
    const memory = isFirst || secant === "sameBatch" ? 0 : beta;
    const weightMoved = track(meanWeight, w, memory);
    const second = secant === "sameBatch" ? previousBatch : g;
    const gradientMoved = second === null ? 0 : track(meanGradient, second, memory);
    if (secant === "sameBatch") meanGradient.set(g);
    if (isFirst || second === null) return UNKNOWN;
    const noise = w.BYTES_PER_ELEMENT === 4 ? FLOAT32_RESOLUTION * weightNorm : 0;
    return [weightMoved, gradientMoved, noise].map((x) => x * x);
  },

  rateOf({ lr, measured, state: { numbers } }, values) {
    const [weightMoved, gradientMoved, noise] = measured.map(Math.sqrt);
    const ratio = weightMoved / gradientMoved;
    const known = weightMoved > noise && gradientMoved > 0 && Number.isFinite(ratio);
    const correction = values.momentumCorrection ? 1 - values.momentum : 1;
    const estimate = known ? values.coefficient * ratio * correction : null;

    const { rate, limitedBy } = numbers.seen < Math.max(1, values.warmup) ? { rate: lr, limitedBy: "warmup" as const } : guarded(estimate, numbers.rate, lr, values);
    numbers.seen++;
    numbers.rate = rate;
    return { trust: lr > 0 ? rate / lr : 0, rate, limitedBy, decays: true };
  },
};

/** cap: min(lr, max(floor·baseLr, min(estimate, growth·last))); literal: the estimate as it is; without one, the last rate. */
function guarded(estimate: number | null, last: number, lr: number, { mode, growth, floor, baseLr }: MadLlrValues): { rate: number; limitedBy: Limit | null } {
  let rate = estimate ?? last;
  let limitedBy: Limit | null = estimate === null ? "zeroNorm" : null;
  if (mode === "literal") return { rate, limitedBy };
  if (estimate !== null && rate > growth * last) [rate, limitedBy] = [growth * last, "growth"];
  if (rate < floor * baseLr) [rate, limitedBy] = [floor * baseLr, "floor"];
  if (rate > lr) [rate, limitedBy] = [lr, "schedule"];
  return { rate, limitedBy };
}
