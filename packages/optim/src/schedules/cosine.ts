import { atLeastZero, checkOptions, wholeSteps } from "../range.ts";
import type { Schedule } from "../hyper.ts";

export interface CosineOptions {
  /** Value at t = 0. */
  readonly start: number;
  /** Value from t = steps on. Default 0. */
  readonly end?: number;
  readonly steps: number;
}

/**
 * Half a cosine from `start` to `end`, then `end`:
 *
 *   value = end + (start − end)·(1 + cos(π·min(t, steps)/steps))/2
 *
 * PyTorch's CosineAnnealingLR follows the same curve and rises again after its end; this one, like optax's
 * `cosine_decay_schedule`, stays down.
 *
 * @throws OptionError  for a negative start or end, or steps that are no whole number >= 1
 * @see Loshchilov & Hutter, arXiv:1608.03983, equation 5, one period
 * @example
 * import { cosine } from "@llr/optim";
 * [0, 5, 10, 15].map(cosine({ start: 1, steps: 10 })) // => [1, 0.5, 0, 0]
 */
export function cosine(options: CosineOptions): Schedule {
  const { start, end = 0, steps } = options;
  checkOptions("cosine", { start, end, steps }, { start: atLeastZero, end: atLeastZero, steps: wholeSteps });
  return (t) => end + ((start - end) * (1 + Math.cos((Math.PI * Math.min(t, steps)) / steps))) / 2;
}
