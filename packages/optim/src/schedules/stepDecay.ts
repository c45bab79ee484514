import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { pow } from "../pow.ts";
import { atLeastZero, readOptions, upToOne, wholeSteps } from "../range.ts";

export interface StepDecayOptions {
  /** Value of the first `steps` steps. */
  readonly start: number;
  /** Factor of every stair. Default 0.1. */
  readonly gamma?: number;
  /** Length of a stair. */
  readonly steps: number;
}

/**
 * Stairs of equal length: value = start·gamma^⌊t/steps⌋. Stairs of unequal length are `multiStep`.
 *
 * @throws OptionError  for a negative start, gamma outside [0, 1], steps that are no whole number >= 1
 * @see torch.optim.lr_scheduler.StepLR
 * @example
 * import { stepDecay } from "@llr/optim";
 * [0, 29, 30, 60].map(stepDecay({ start: 1, steps: 30 })) // => [1, 1, 0.1, 0.01]
 */
export function stepDecay(options: StepDecayOptions): Schedule {
  const { start, gamma, steps } = readOptions("stepDecay", options, { start: atLeastZero, gamma: upToOne, steps: wholeSteps }, { gamma: 0.1 });
  return named("stepDecay", [options], (t) => start * pow(gamma, Math.floor(t / steps)));
}
