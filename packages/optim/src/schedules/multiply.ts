import { valueAt, type Hyper, type Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { checkRange, hyper } from "../range.ts";

/**
 * The product of schedules and numbers, all on the same clock: a rate that is scheduled twice over, or a head's rate as ten
 * times the body's.
 *
 * @throws OptionError  for a factor that is neither a finite number nor a function
 * @see torch.optim.lr_scheduler.ChainedScheduler
 * @example
 * import { linear, multiply, stepDecay } from "@llr/optim";
 * const warm = linear({ start: 0, end: 1, steps: 4 });
 * [0, 2, 4, 10].map(multiply(warm, stepDecay({ start: 1, steps: 10 }), 3)) // => [0, 1.5, 3, 0.3]
 */
export function multiply(...factors: readonly Hyper[]): Schedule {
  for (const [i, factor] of factors.entries()) checkRange("multiply", "factors", factor, hyper, ` in place ${i + 1}`);
  return named("multiply", factors, (t) => factors.reduce((product: number, factor) => product * valueAt(factor, t), 1));
}
