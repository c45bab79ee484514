import { cos } from "../elementary.ts";
import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { atLeastZero, readOptions, wholeSteps } from "../range.ts";

export interface CosineAnnealingOptions {
  /** Value at t = 0, 2·steps, 4·steps ... */
  readonly start: number;
  /** Value at t = steps, 3·steps ... Default 0. */
  readonly end?: number;
  /** Half a period. */
  readonly steps: number;
}

/**
 * A cosine between `start` and `end` that never stops: down for `steps` steps, up again for as many, and so on.
 *
 *   value = end + (start − end)·(1 + cos(π·t/steps))/2
 *
 * Whoever trains longer than `steps` with PyTorch's CosineAnnealingLR gets the rise, wanted or not. `cosine` stays down.
 *
 * @throws OptionError  for a negative start or end, or steps that are no whole number >= 1
 * @see torch.optim.lr_scheduler.CosineAnnealingLR
 * @example
 * import { cosineAnnealing } from "@llr/optim";
 * [0, 5, 10, 15, 20].map(cosineAnnealing({ start: 1, steps: 10 })) // => [1, 0.5, 0, 0.5, 1]
 */
export function cosineAnnealing(options: CosineAnnealingOptions): Schedule {
  const { start, end, steps } = readOptions("cosineAnnealing", options, { start: atLeastZero, end: atLeastZero, steps: wholeSteps }, { end: 0 });
  // Reduced to one period first: the cosine of a large number has lost the digits that matter.
  return named("cosineAnnealing", [options], (t) => end + ((start - end) * (1 + cos((Math.PI * (t % (2 * steps))) / steps))) / 2);
}
