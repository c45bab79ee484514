import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { atLeastZero, readOptions, wholeSteps, type Range } from "../range.ts";
import { cosineCurve } from "./curves.ts";

export interface WarmRestartsOptions {
  /** Value with which every cycle begins. */
  readonly start: number;
  /** Value that every cycle approaches. Default 0. */
  readonly end?: number;
  /** Length of the first cycle. */
  readonly period: number;
  /** Each cycle is so many times as long as the one before. Default 1. */
  readonly periodFactor?: number;
  /** Cycles after which `end` holds. Default: it never ends. */
  readonly cycles?: number;
}

const wholeOrEndless: Range = { needs: "a whole number >= 1", holds: (x) => wholeSteps.holds(x) || x === Infinity };

/**
 * Cosines from `start` to `end`, one cycle after the other; each begins at `start` again (SGDR). With u = steps since the
 * cycle began, and T = its length, period·periodFactor^(cycles before):
 *
 *   value = end + (start − end)·(1 + cos(π·u/T))/2
 *
 * Within a cycle `end` itself is never reached: the step that would have it is the first of the next.
 *
 * @throws OptionError  for a negative start or end, or a period, periodFactor or cycles that is no whole number >= 1
 * @see Loshchilov & Hutter, arXiv:1608.03983; torch CosineAnnealingWarmRestarts (T_0, T_mult); fastai's fit_sgdr, which ends
 *      after its cycles
 * @example
 * import { warmRestarts } from "@llr/optim";
 * const lr = warmRestarts({ start: 1, period: 2, periodFactor: 2 });
 * [0, 1, 2, 4, 6, 10, 14].map(lr) // => [1, 0.5, 1, 0.5, 1, 0.5, 1]
 * warmRestarts({ start: 1, period: 2, periodFactor: 2, cycles: 2 })(6) // => 0
 */
export function warmRestarts(options: WarmRestartsOptions): Schedule {
  const ranges = { start: atLeastZero, end: atLeastZero, period: wholeSteps, periodFactor: wholeSteps, cycles: wholeOrEndless };
  const { start, end, period, periodFactor, cycles } = readOptions("warmRestarts", options, ranges, { end: 0, periodFactor: 1, cycles: Infinity });
  return named("warmRestarts", [options], (t) => {
    let [since, length, left] = [t, period, cycles];
    if (periodFactor === 1) {
      left -= Math.floor(t / period);
      since = t % period;
    } else
      for (; since >= length; left--) {
        since -= length;
        length *= periodFactor;
      }
    return left > 0 ? cosineCurve(start, end, since / length) : end;
  });
}
