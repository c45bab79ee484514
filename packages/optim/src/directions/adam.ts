import { wholePower } from "../wholePower.ts";
import { atLeastZero, wholeOrZero } from "../range.ts";
import { squareLimit, withinSquares } from "../squareLimit.ts";
import type { Direction, UpdateFactors } from "../updateRule.ts";
import type { FloatArray } from "../param.ts";

export interface AdamFactors extends UpdateFactors {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** 1 − beta1^k and 1 − beta2^k, k = updates of this parameter, this one included. */
  readonly correction1: number;
  readonly correction2: number;
}

/**
 * One step of Adam, in place:
 *
 *   d = inner · (g + l2·w)
 *   m ← beta1·m + (1 − beta1)·d
 *   v ← beta2·v + (1 − beta2)·d²     |d| as 1.8e19 at most in float32, 1.3e154 in float64: v stays finite
 *   u = (m / correction1) / (√v / √correction2 + eps)
 *   w ← w − outer·u − decay·w
 *
 * @returns ‖Δw‖₂, before rounding to the type of `w`
 */
export function adamUpdate(w: FloatArray, g: FloatArray, m: FloatArray, v: FloatArray, factors: AdamFactors): number {
  const { inner, l2, outer, decay, beta1, beta2, eps } = factors;
  // Both corrections leave the loop, which is bound by its square root and divisions.
  const rate = outer / factors.correction1;
  const scale = 1 / Math.sqrt(factors.correction2);
  const limit = squareLimit(w);
  let sum = 0;
  for (let i = 0; i < w.length; i++) {
    const d = withinSquares(inner * (g[i] + l2 * w[i]), limit);
    m[i] = beta1 * m[i] + (1 - beta1) * d;
    v[i] = beta2 * v[i] + (1 - beta2) * d * d;
    const change = (rate * m[i]) / (scale * Math.sqrt(v[i]) + eps) + decay * w[i];
    w[i] -= change;
    sum += change * change;
  }
  return Math.sqrt(sum);
}

/**
 * As `adamUpdate`, but with the largest second moment so far in place of the present one: x ← max(x, v), both uncorrected.
 * An element whose gradients were large once keeps its small steps.
 */
export function amsgradUpdate(w: FloatArray, g: FloatArray, m: FloatArray, v: FloatArray, largest: FloatArray, factors: AdamFactors): number {
  const { inner, l2, outer, decay, beta1, beta2, eps } = factors;
  const rate = outer / factors.correction1;
  const scale = 1 / Math.sqrt(factors.correction2);
  const limit = squareLimit(w);
  let sum = 0;
  for (let i = 0; i < w.length; i++) {
    const d = withinSquares(inner * (g[i] + l2 * w[i]), limit);
    m[i] = beta1 * m[i] + (1 - beta1) * d;
    v[i] = beta2 * v[i] + (1 - beta2) * d * d;
    largest[i] = Math.max(largest[i], v[i]);
    const change = (rate * m[i]) / (scale * Math.sqrt(largest[i]) + eps) + decay * w[i];
    w[i] -= change;
    sum += change * change;
  }
  return Math.sqrt(sum);
}

export interface AdamValues {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly amsgrad?: boolean;
  /** Default true. */
  readonly biasCorrection?: boolean;
}

/** Adam (Kingma & Ba, arXiv:1412.6980, algorithm 1). With a cycled beta1, the bias correction uses the present one. */
export const adamDirection: Direction<AdamValues> = {
  state: {
    arrays: ({ amsgrad }) => (amsgrad ? ["firstMoment", "secondMoment", "largestSecondMoment"] : ["firstMoment", "secondMoment"]),
    numbers: ["updates"],
    ranges: { secondMoment: atLeastZero, largestSecondMoment: atLeastZero, updates: wholeOrZero },
  },
  reportsNorms: ({ amsgrad = false }) => !amsgrad,
  update(w, g, state, factors, { beta1, beta2, eps, amsgrad = false, biasCorrection = true }, kernels, before) {
    const updates = ++state.numbers.updates;
    const { firstMoment, secondMoment, largestSecondMoment } = state.arrays;
    const { inner, l2, outer, decay } = factors;
    const correction1 = biasCorrection ? 1 - wholePower(beta1, updates) : 1;
    const correction2 = biasCorrection ? 1 - wholePower(beta2, updates) : 1;
    const all = { inner, l2, outer, decay, beta1, beta2, eps, correction1, correction2 };
    if (amsgrad) return amsgradUpdate(w, g, firstMoment, secondMoment, largestSecondMoment, all);
    return (kernels.adam ?? adamUpdate)(w, g, firstMoment, secondMoment, all, before);
  },
};
