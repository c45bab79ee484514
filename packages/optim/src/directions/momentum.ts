import { descend } from "../descend.ts";
import { wholeOrZero } from "../range.ts";
import type { Direction, UpdateFactors } from "../updateRule.ts";
import type { FloatArray } from "../param.ts";

export interface MomentumFactors extends UpdateFactors {
  readonly momentum: number;
  readonly dampening: number;
  readonly nesterov: boolean;
  /** The buffer was never written: it becomes the gradient itself, undampened. */
  readonly first: boolean;
}

/**
 * One step of heavy-ball momentum, in place:
 *
 *   d = inner · (g + l2·w)
 *   v ← d                               the first time
 *   v ← momentum·v + (1 − dampening)·d  from then on
 *   u = nesterov ? d + momentum·v : v
 *   w ← w − outer·u − decay·w
 *
 * Without a buffer (`v` null), `u = d`: plain descent.
 *
 * @returns ‖Δw‖₂, before rounding to the type of `w`
 */
export function momentumUpdate(w: FloatArray, g: FloatArray, v: FloatArray | null, factors: MomentumFactors): number {
  if (v === null) return descend(w, g, factors);
  // Two loops: a choice inside one doubles its time (measured in V8), and 0·d in a common sum would make NaN of an infinite d.
  return factors.nesterov ? lookAhead(w, g, v, factors) : carryOn(w, g, v, factors);
}

function carryOn(w: FloatArray, g: FloatArray, v: FloatArray, { inner, l2, outer, decay, momentum, dampening, first }: MomentumFactors): number {
  const [carried, added] = first ? [0, 1] : [momentum, 1 - dampening];
  let sum = 0;
  for (let i = 0; i < w.length; i++) {
    v[i] = carried * v[i] + added * (inner * (g[i] + l2 * w[i]));
    const change = outer * v[i] + decay * w[i];
    w[i] -= change;
    sum += change * change;
  }
  return Math.sqrt(sum);
}

function lookAhead(w: FloatArray, g: FloatArray, v: FloatArray, { inner, l2, outer, decay, momentum, dampening, first }: MomentumFactors): number {
  const [carried, added] = first ? [0, 1] : [momentum, 1 - dampening];
  let sum = 0;
  for (let i = 0; i < w.length; i++) {
    const d = inner * (g[i] + l2 * w[i]);
    v[i] = carried * v[i] + added * d;
    const change = outer * (d + momentum * v[i]) + decay * w[i];
    w[i] -= change;
    sum += change * change;
  }
  return Math.sqrt(sum);
}

/** Heavy ball as PyTorch's SGD defines it (dampening spares the first step; Nesterov reads the new buffer). */
export const momentumDirection: Direction<{ readonly momentum: number; readonly dampening?: number; readonly nesterov?: boolean }> = {
  state: { arrays: (options) => (options.momentum === 0 ? [] : ["momentum"]), numbers: ["momentumSteps"], ranges: { momentumSteps: wholeOrZero } },
  reportsNorms: () => true,
  update(w, g, state, factors, { momentum, dampening = 0, nesterov = false }, kernels, before) {
    // While momentum is 0 the buffer rests; it starts at the step that switches momentum on.
    const v = momentum === 0 ? null : state.arrays.momentum;
    const first = state.numbers.momentumSteps === 0;
    if (v !== null) state.numbers.momentumSteps++;
    const { inner, l2, outer, decay } = factors;
    return (kernels.momentum ?? momentumUpdate)(w, g, v, { inner, l2, outer, decay, momentum, dampening, nesterov, first }, before);
  },
};
