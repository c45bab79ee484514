import { atLeastZero } from "../range.ts";
import { squareLimit, withinSquares } from "../squareLimit.ts";
import type { Direction } from "../updateRule.ts";

/**
 * The gradient in units of the weight: multiplied with the size of past updates, divided by the size of past gradients.
 *
 *   v ← ρ·v + (1 − ρ)·d²
 *   u = √(x + eps) / √(v + eps) · d
 *   x ← ρ·x + (1 − ρ)·u²
 */
export const adadeltaDirection: Direction<{ readonly rho: number; readonly eps: number }> = {
  state: { arrays: () => ["secondMoment", "squaredUpdate"], numbers: [], ranges: { secondMoment: atLeastZero, squaredUpdate: atLeastZero } },
  update(w, g, { arrays }, { inner, l2, outer, decay }, { rho, eps }) {
    const { secondMoment: v, squaredUpdate: x } = arrays;
    const limit = squareLimit(w);
    let sum = 0;
    for (let i = 0; i < w.length; i++) {
      const d = withinSquares(inner * (g[i] + l2 * w[i]), limit);
      v[i] = rho * v[i] + (1 - rho) * d * d;
      const u = Math.sqrt((x[i] + eps) / (v[i] + eps)) * d;
      x[i] = rho * x[i] + (1 - rho) * u * u;
      const change = outer * u + decay * w[i];
      w[i] -= change;
      sum += change * change;
    }
    return Math.sqrt(sum);
  },
};
