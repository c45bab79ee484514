import type { FloatArray } from "../param.ts";
import type { LayerRate, Limit } from "../updateRule.ts";

export interface MadLlrValues {
  readonly mode: "cap" | "literal";
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

/** MAD-LLR's estimate of the layer's rate, and its guards: see the optimizer `madLlr` for formulas and reasons. */
export const madLlrRate: LayerRate<MadLlrValues> = {
  // `rate` is the last one given; `seen` counts the gradients so far.
  state: { arrays: () => ["meanWeight", "meanGradient"], numbers: ["seen", "rate"] },

  rateOf({ w, g, lr, weightNorm, state, kernels }, values) {
    const { arrays, numbers } = state;
    const track = kernels.trackMean ?? trackMean;
    // The first gradient starts the means: with beta = 0 they become w and g themselves.
    const beta = numbers.seen === 0 ? 0 : values.beta;
    const weightMoved = track(arrays.meanWeight, w, beta);
    const gradientMoved = track(arrays.meanGradient, g, beta);

    const ratio = weightMoved / gradientMoved;
    const noise = w.BYTES_PER_ELEMENT === 4 ? FLOAT32_RESOLUTION * weightNorm : 0;
    const known = weightMoved > noise && gradientMoved > 0 && Number.isFinite(ratio);
    const correction = values.momentumCorrection ? 1 - values.momentum : 1;
    const estimate = known ? values.coefficient * ratio * correction : null;

    const { rate, limitedBy } = numbers.seen < values.warmup ? { rate: lr, limitedBy: "warmup" as const } : guarded(estimate, numbers.rate, lr, values);
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
