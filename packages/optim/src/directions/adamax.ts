import { atLeastZero, wholeOrZero } from "../range.ts";
import type { Direction } from "../updateRule.ts";
import { wholePower } from "../wholePower.ts";

/**
 * Adam with the infinity norm of past gradients in place of their root mean square:
 *
 *   m ← β1·m + (1 − β1)·d
 *   x ← max(β2·x, |d| + eps)
 *   u = m / (1 − β1^k) / x           k = updates of this parameter; x needs no bias correction
 */
export const adamaxDirection: Direction<{ readonly beta1: number; readonly beta2: number; readonly eps: number }> = {
  state: { arrays: () => ["firstMoment", "largestGradient"], numbers: ["updates"], ranges: { largestGradient: atLeastZero, updates: wholeOrZero } },
  update(w, g, { arrays, numbers }, { inner, l2, outer, decay }, { beta1, beta2, eps }) {
    const { firstMoment: m, largestGradient: x } = arrays;
    const rate = outer / (1 - wholePower(beta1, ++numbers.updates));
    let sum = 0;
    for (let i = 0; i < w.length; i++) {
      const d = inner * (g[i] + l2 * w[i]);
      m[i] = beta1 * m[i] + (1 - beta1) * d;
      x[i] = Math.max(beta2 * x[i], Math.abs(d) + eps);
      const change = (rate * m[i]) / x[i] + decay * w[i];
      w[i] -= change;
      sum += change * change;
    }
    return Math.sqrt(sum);
  },
};
