import { cos } from "../elementary.ts";
import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { pow } from "../pow.ts";
import { aboveZero, atLeastZero, readOptions, wholeSteps } from "../range.ts";

export interface CosineOptions {
  /** Value at t = 0. */
  readonly start: number;
  /** Value from t = steps on. Default 0. */
  readonly end?: number;
  readonly steps: number;
  /** Above 1 the value falls earlier, below 1 later. Default 1. */
  readonly exponent?: number;
}

/**
 * Half a cosine from `start` to `end`, then `end`:
 *
 *   value = end + (start − end)·((1 + cos(π·min(t, steps)/steps))/2)^exponent
 *
 * This is optax's `cosine_decay_schedule` with alpha = end/start. PyTorch's CosineAnnealingLR follows the same curve and
 * rises again after its end: `cosineAnnealing`. With restarts it is `warmRestarts`.
 *
 * @throws OptionError  for a negative start or end, steps that are no whole number >= 1, exponent <= 0
 * @see Loshchilov & Hutter, arXiv:1608.03983, equation 5, one period; optax.cosine_decay_schedule
 * @example
 * import { cosine } from "@llr/optim";
 * [0, 5, 10, 15].map(cosine({ start: 1, steps: 10 })) // => [1, 0.5, 0, 0]
 * cosine({ start: 1, steps: 10, exponent: 2 })(5) // => 0.25
 */
export function cosine(options: CosineOptions): Schedule {
  const ranges = { start: atLeastZero, end: atLeastZero, steps: wholeSteps, exponent: aboveZero };
  const { start, end, steps, exponent } = readOptions("cosine", options, ranges, { end: 0, exponent: 1 });
  return named("cosine", [options], (t) => end + (start - end) * pow((1 + cos((Math.PI * Math.min(t, steps)) / steps)) / 2, exponent));
}
