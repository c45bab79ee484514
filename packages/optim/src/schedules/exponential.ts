import { OptionError } from "../errors.ts";
import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { pow } from "../pow.ts";
import { aboveZero, atLeastZero, checkOptions, wholeOrZero, wholeSteps } from "../range.ts";

export interface ExponentialOptions {
  /** Value at t = 0. */
  readonly start: number;
  /** What the value is multiplied with every `steps` steps. Above 1 it grows and needs an `end`. */
  readonly gamma: number;
  /** Default 1. */
  readonly steps?: number;
  /** Steps for which `start` is held first. Default 0. */
  readonly begin?: number;
  /** Only in jumps, every `steps` steps. Default false. */
  readonly staircase?: boolean;
  /** The value goes no further than this, down or up. Default 0. */
  readonly end?: number;
}

/**
 * Multiplies by the same factor in every step:
 *
 *   p = max(t − begin, 0)/steps        rounded down if staircase
 *   value = start·gamma^p              not below end (gamma > 1: not above)
 *
 * PyTorch's ExponentialLR is this with `gamma` alone, StepLR with `staircase` (see `stepDecay`), optax's exponential_decay
 * with everything. Growing, from 1e-7 to 10 in 100 steps, it is the schedule of the learning rate range test.
 *
 * @throws OptionError  for a negative start or end, gamma <= 0, gamma > 1 without end, steps that are no whole number >= 1
 * @see torch.optim.lr_scheduler.ExponentialLR; optax.exponential_decay
 * @example
 * import { exponential } from "@llr/optim";
 * [0, 1, 2].map(exponential({ start: 1, gamma: 0.9 })) // => [1, 0.9, 0.81]
 * [0, 50, 100, 101].map(exponential({ start: 1e-7, end: 10, gamma: 1e8, steps: 100 })) // => [1e-7, 1e-3, 10, 10]
 */
export function exponential(options: ExponentialOptions): Schedule {
  const { start, gamma, steps = 1, begin = 0, staircase = false, end = gamma > 1 ? undefined : 0 } = options;
  checkOptions("exponential", { start, gamma, steps, begin }, { start: atLeastZero, gamma: aboveZero, steps: wholeSteps, begin: wholeOrZero });
  if (end === undefined) throw new OptionError("exponential", "end", `gamma is ${gamma} and there is no end: the value would grow past every number. It needs an end, or gamma <= 1.`);
  checkOptions("exponential", { end }, { end: atLeastZero });
  const limit = gamma > 1 ? Math.min : Math.max;
  return named("exponential", [options], (t) => {
    const p = Math.max(t - begin, 0) / steps;
    return limit(start * pow(gamma, staircase ? Math.floor(p) : p), end);
  });
}
