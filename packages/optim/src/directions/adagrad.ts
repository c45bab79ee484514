import { atLeastZero, wholeOrZero } from "../range.ts";
import { squareLimit, withinSquares } from "../squareLimit.ts";
import type { Direction } from "../updateRule.ts";

export interface AdagradValues {
  readonly lrDecay: number;
  readonly initialAccumulatorValue: number;
  readonly eps: number;
}

/**
 * The gradient over the root of the sum of all its squares:
 *
 *   s ← s + d²                                     s begins at initialAccumulatorValue, and stays finite
 *   u = d / (√s + eps) / (1 + (k − 1)·lrDecay)     k = updates of this parameter
 */
export const adagradDirection: Direction<AdagradValues> = {
  state: { arrays: () => ["squareSum"], numbers: ["updates"], ranges: { squareSum: atLeastZero, updates: wholeOrZero } },
  update(w, g, { arrays, numbers }, { inner, l2, outer, decay }, { lrDecay, initialAccumulatorValue, eps }) {
    const s = arrays.squareSum;
    if (numbers.updates === 0) s.fill(initialAccumulatorValue);
    const rate = outer / (1 + numbers.updates * lrDecay);
    numbers.updates++;
    const limit = squareLimit(w);
    const most = limit * limit;
    let sum = 0;
    for (let i = 0; i < w.length; i++) {
      const d = withinSquares(inner * (g[i] + l2 * w[i]), limit);
      s[i] = Math.min(s[i] + d * d, most);
      const change = (rate * d) / (Math.sqrt(s[i]) + eps) + decay * w[i];
      w[i] -= change;
      sum += change * change;
    }
    return Math.sqrt(sum);
  },
};
