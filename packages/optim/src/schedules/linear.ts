import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { atLeastZero, readOptions, wholeSteps } from "../range.ts";

export interface LinearOptions {
  /** Value at t = 0. */
  readonly start: number;
  /** Value from t = steps on. */
  readonly end: number;
  readonly steps: number;
}

/**
 * A straight line, up (warm-up) or down: `start + (end − start)·min(t, steps)/steps`.
 *
 * @throws OptionError  for a negative start or end, or steps that are no whole number >= 1
 * @see torch LinearLR (with factors of a base rate), optax linear_schedule
 * @example
 * import { linear } from "@llr/optim";
 * [0, 5, 10, 11].map(linear({ start: 0, end: 0.4, steps: 10 })) // => [0, 0.2, 0.4, 0.4]
 */
export function linear(options: LinearOptions): Schedule {
  const { start, end, steps } = readOptions("linear", options, { start: atLeastZero, end: atLeastZero, steps: wholeSteps }, {});
  return named("linear", [options], (t) => (t >= steps ? end : start + ((end - start) * t) / steps));
}
