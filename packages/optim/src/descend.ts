import type { FloatArray } from "./param.ts";
import type { UpdateFactors } from "./updateRule.ts";

/** `w ← w − outer·inner·(g + l2·w) − decay·w`, in place: the update without a memory. Returns ‖Δw‖₂, before rounding to the type of `w`. */
export function descend(w: FloatArray, g: FloatArray, { inner, l2, outer, decay }: UpdateFactors): number {
  let sum = 0;
  for (let i = 0; i < w.length; i++) {
    const change = outer * inner * (g[i] + l2 * w[i]) + decay * w[i];
    w[i] -= change;
    sum += change * change;
  }
  return Math.sqrt(sum);
}
