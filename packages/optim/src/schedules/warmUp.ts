import { valueAt, type Hyper, type Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { atLeastZero, checkRange, hyper, readOptions, wholeOrZero } from "../range.ts";
import { linearCurve } from "./curves.ts";

export interface WarmUpOptions {
  readonly steps: number;
  /** Value at t = 0. Default 0. */
  readonly start?: number;
}

/**
 * A straight line from `start` up to where `then` begins, and then `then`, whose clock starts at the end of the warm-up:
 *
 *   t < steps    start + (then(0) − start)·t/steps
 *   otherwise    then(t − steps)
 *
 * The other meaning of warm-up, a factor that rises from 0 to 1 while the schedule is already moving, is
 * `multiply(linear({ start: 0, end: 1, steps }), schedule)`.
 *
 * @throws OptionError  for a negative start, or steps that are no whole number >= 0
 * @see Goyal et al., arXiv:1706.02677, section 2.2; optax.warmup_cosine_decay_schedule (with `cosine`)
 * @example
 * import { cosine, warmUp } from "@llr/optim";
 * [0, 2, 4, 9, 14].map(warmUp(cosine({ start: 1, steps: 10 }), { steps: 4 })) // => [0, 0.5, 1, 0.5, 0]
 */
export function warmUp(then: Hyper, options: WarmUpOptions): Schedule {
  const { steps, start } = readOptions("warmUp", options, { steps: wholeOrZero, start: atLeastZero }, { start: 0 });
  checkRange("warmUp", "then", then, hyper);
  return named("warmUp", [then, options], (t) => (t < steps ? linearCurve(start, valueAt(then, 0), t / steps) : valueAt(then, t - steps)));
}
