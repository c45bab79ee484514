// MAD-LLR on a problem whose answer is known: does the rate it finds stay where it should?
import { madLlr, type MadLlrOptions } from "@llr/optim";
import { Rng } from "@llr/tensor";

export interface DriftRule {
  readonly label: string;
  readonly options: Partial<MadLlrOptions>;
}

/** The literal rule with more and with less memory, one with a factor that looks like prudence, and the guarded form. */
export const DRIFT_RULES: readonly DriftRule[] = [
  { label: "literal, beta 0", options: { mode: "literal", beta: 0 } },
  { label: "literal, beta 0.5", options: { mode: "literal", beta: 0.5 } },
  { label: "literal, beta 0.9", options: { mode: "literal", beta: 0.9 } },
  { label: "literal, beta 0.9, coefficient 0.1", options: { mode: "literal", beta: 0.9, coefficient: 0.1 } },
  { label: "guarded (cap), beta 0.9", options: { mode: "cap", beta: 0.9 } },
];

export interface DriftOptions {
  readonly steps: number;
  readonly seed: number;
  /** Standard deviation of the noise on every gradient. */
  readonly noise: number;
}

/** Curvatures 1, 2 ... 10: a rate above 2 / 10 diverges. */
const DIMENSIONS = 10;
export const LARGEST_STABLE_RATE: number = 2 / DIMENSIONS;

/**
 * The layer's rate after each step on the quadratic of curvatures 1 to 10, every gradient with noise of its own; the same
 * noise for every rule.
 *
 *     loss(w) = 1/2 sum over i of i * w_i^2,   g_i = i * w_i + noise * normal
 */
export function driftOf({ options }: DriftRule, { steps, seed, noise }: DriftOptions): number[] {
  const rng = new Rng(seed).stream("noise");
  const w = { name: "w", data: new Float64Array(DIMENSIONS).fill(1), grad: new Float64Array(DIMENSIONS) };
  const optimizer = madLlr([w], { lr: 0.02, ...options });
  return Array.from({ length: steps }, () => {
    for (let i = 0; i < DIMENSIONS; i++) w.grad[i] = (1 + i) * w.data[i] + rng.normal(0, noise);
    return optimizer.step()[0].rate;
  });
}
