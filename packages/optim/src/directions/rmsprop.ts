import { atLeastZero } from "../range.ts";
import { squareLimit, withinSquares } from "../squareLimit.ts";
import type { Direction } from "../updateRule.ts";

export interface RmspropValues {
  readonly alpha: number;
  readonly eps: number;
  readonly momentum: number;
  readonly centered: boolean;
}

/**
 * The gradient over the root of its running mean square, as PyTorch defines it (eps outside the root, no bias correction):
 *
 *   v ← α·v + (1 − α)·d²;  centered: m ← α·m + (1 − α)·d
 *   q = d / (√v + eps);    centered: √(v − m²) instead of √v
 *   u = q, or with momentum b ← momentum·b + q, u = b
 */
export const rmspropDirection: Direction<RmspropValues> = {
  state: {
    arrays: ({ momentum, centered }) => ["secondMoment", ...(centered ? ["firstMoment"] : []), ...(momentum === 0 ? [] : ["momentum"])],
    numbers: [],
    ranges: { secondMoment: atLeastZero },
  },
  update(w, g, { arrays }, { inner, l2, outer, decay }, { alpha, eps, momentum, centered }) {
    const v = arrays.secondMoment;
    const m = centered ? arrays.firstMoment : null;
    // While momentum is 0 the buffer rests, as that of sgd.
    const b = momentum === 0 ? null : arrays.momentum;
    const limit = squareLimit(w);
    let sum = 0;
    for (let i = 0; i < w.length; i++) {
      const d = withinSquares(inner * (g[i] + l2 * w[i]), limit);
      v[i] = alpha * v[i] + (1 - alpha) * d * d;
      let variance = v[i];
      if (m !== null) {
        m[i] = alpha * m[i] + (1 - alpha) * d;
        // Rounding can take it below 0 when the gradient does not change; PyTorch's root is NaN there.
        variance = Math.max(0, v[i] - m[i] * m[i]);
      }
      let u = d / (Math.sqrt(variance) + eps);
      if (b !== null) u = b[i] = momentum * b[i] + u;
      const change = outer * u + decay * w[i];
      w[i] -= change;
      sum += change * change;
    }
    return Math.sqrt(sum);
  },
};
