import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { pow } from "../pow.ts";
import { aboveZero, atLeastZero, readOptions, wholeOrZero, wholeSteps } from "../range.ts";

export interface PolynomialOptions {
  /** Value at t = 0. */
  readonly start: number;
  /** Value from `t = begin + steps` on. Default 0. */
  readonly end?: number;
  /** Length of the decay. */
  readonly steps: number;
  /** 1 falls in a straight line; 2, usual with LARS, falls fast and ends gently. Default 1. */
  readonly power?: number;
  /** Steps for which `start` is held first. Default 0. */
  readonly begin?: number;
}

/**
 * Falls (or rises) along a power of the steps that are left:
 *
 *   p = clip(t − begin, 0, steps) / steps
 *   value = (start − end)·(1 − p)^power + end
 *
 * This is optax's `polynomial_schedule`; with `end = 0` it is PyTorch's PolynomialLR, and LARS's poly-2 with `power: 2`.
 *
 * @throws OptionError  for a negative start or end, power <= 0, steps that are no whole number >= 1
 * @example
 * import { polynomial } from "@llr/optim";
 * const lr = polynomial({ start: 1, steps: 4, power: 2 });
 * [0, 1, 2, 3, 4, 100].map(lr) // => [1, 0.5625, 0.25, 0.0625, 0, 0]
 */
export function polynomial(options: PolynomialOptions): Schedule {
  const ranges = { start: atLeastZero, end: atLeastZero, steps: wholeSteps, power: aboveZero, begin: wholeOrZero };
  const { start, end, steps, power, begin } = readOptions("polynomial", options, ranges, { end: 0, power: 1, begin: 0 });
  return named("polynomial", [options], (t) => {
    const done = Math.min(Math.max(t - begin, 0), steps) / steps;
    return (start - end) * pow(1 - done, power) + end;
  });
}
