import { atLeastZero, wholeOrZero } from "../range.ts";
import { squareLimit, withinSquares } from "../squareLimit.ts";
import type { Direction } from "../updateRule.ts";
import { wholePower } from "../wholePower.ts";

/** Below this length the variance of the second moment is not known well enough to divide by it (PyTorch; the paper says 4). */
const SHORTEST = 5;

/**
 * Adam that does not divide by its second moment until that has seen enough gradients (k = updates of this parameter):
 *
 *   m ← β1·m + (1 − β1)·d,  v ← β2·v + (1 − β2)·d²,  m̂ = m / (1 − β1^k)
 *   ρ∞ = 2/(1 − β2) − 1,  ρ = ρ∞ − 2k·β2^k/(1 − β2^k)
 *   ρ <= 5:  u = m̂
 *   ρ > 5:   u = m̂ · r · √(1 − β2^k) / (√v + eps),  r² = (ρ − 4)(ρ − 2)·ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)·ρ)
 */
export const radamDirection: Direction<{ readonly beta1: number; readonly beta2: number; readonly eps: number }> = {
  state: { arrays: () => ["firstMoment", "secondMoment"], numbers: ["updates"], ranges: { secondMoment: atLeastZero, updates: wholeOrZero } },
  update(w, g, { arrays, numbers }, { inner, l2, outer, decay }, { beta1, beta2, eps }) {
    const { firstMoment: m, secondMoment: v } = arrays;
    const k = ++numbers.updates;
    const power2 = wholePower(beta2, k);
    const correction2 = 1 - power2;
    const longest = 2 / (1 - beta2) - 1;
    const length = longest - (2 * k * power2) / correction2;
    const rectified = length > SHORTEST;
    const rectification = Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
    const rate = outer / (1 - wholePower(beta1, k));
    const scale = rectification * Math.sqrt(correction2);
    const limit = squareLimit(w);
    let sum = 0;
    for (let i = 0; i < w.length; i++) {
      const d = withinSquares(inner * (g[i] + l2 * w[i]), limit);
      m[i] = beta1 * m[i] + (1 - beta1) * d;
      v[i] = beta2 * v[i] + (1 - beta2) * d * d;
      const change = rate * m[i] * (rectified ? scale / (Math.sqrt(v[i]) + eps) : 1) + decay * w[i];
      w[i] -= change;
      sum += change * change;
    }
    return Math.sqrt(sum);
  },
};
