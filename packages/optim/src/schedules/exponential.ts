import { OptionError } from "../errors.ts";
import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { pow } from "../pow.ts";
import { aboveZero, anything, atLeastZero, checkRange, oneOf, readOptions, wholeOrZero, wholeSteps, type Range } from "../range.ts";

export interface ExponentialOptions {
  /** Value at t = 0. */
  readonly start: number;
  /** What the value is multiplied with every `steps` steps. Above 1 it grows and needs an `end`. Default: end/start, so that `end` is reached at `steps`. */
  readonly gamma?: number;
  /** Default 1; without a `gamma` it needs to be given. */
  readonly steps?: number;
  /** Steps for which `start` is held first. Default 0. */
  readonly begin?: number;
  /** Only in jumps, every `steps` steps. Default false. */
  readonly staircase?: boolean;
  /** The value goes no further than this, down or up. Default 0. */
  readonly end?: number;
}

const withoutGamma: Range = { ...aboveZero, needs: "a finite number > 0 where there is no gamma, and steps" };

/**
 * Multiplies by the same factor in every step:
 *
 *   p = max(t − begin, 0)/steps        rounded down if staircase
 *   value = start·gamma^p              not below end (gamma > 1: not above)
 *
 * Without a gamma it is (end/start)^(p up to 1): from `start` to `end` in `steps` steps, as the other schedules.
 *
 * PyTorch's ExponentialLR is this with `gamma` alone, StepLR with `staircase` (see `stepDecay`), optax's exponential_decay
 * with everything. Growing, from 1e-7 to 10 in 100 steps, it is the schedule of the learning rate range test.
 *
 * @throws OptionError  for a negative start or end, gamma <= 0, gamma > 1 without end, neither gamma nor start, end and steps, steps that are no whole number >= 1
 * @see torch.optim.lr_scheduler.ExponentialLR; optax.exponential_decay
 * @example
 * import { exponential } from "@llr/optim";
 * [0, 1, 2].map(exponential({ start: 1, gamma: 0.9 })) // => [1, 0.9, 0.81]
 * [0, 50, 100, 101].map(exponential({ start: 1e-7, end: 10, steps: 100 })) // => [1e-7, 1e-3, 10, 10]
 */
export function exponential(options: ExponentialOptions): Schedule {
  const between = options?.gamma === undefined;
  const [ofStart, ofSteps] = between ? [aboveZero, wholeSteps] : [atLeastZero, wholeSteps];
  const ranges = { start: ofStart, gamma: between ? anything : aboveZero, steps: ofSteps, begin: wholeOrZero, staircase: oneOf(true, false), end: between ? withoutGamma : anything };
  const { start, gamma, steps, begin, staircase, end } = readOptions("exponential", options, ranges, { ...(!between && { steps: 1 }), begin: 0, staircase: false });
  const done = (t: number): number => {
    const p = Math.max(t - begin, 0) / steps;
    return staircase ? Math.floor(p) : p;
  };
  if (between) return named("exponential", [options], (t) => (done(t) >= 1 ? end : start * pow(end / start, done(t))));
  if (end === undefined && gamma > 1) throw new OptionError("exponential", "end", `gamma is ${gamma} and there is no end: the value would grow past every number. It needs an end, or gamma <= 1.`);
  const last = end ?? 0;
  checkRange("exponential", "end", last, atLeastZero);
  const limit = gamma > 1 ? Math.min : Math.max;
  return named("exponential", [options], (t) => limit(start * pow(gamma, done(t)), last));
}
