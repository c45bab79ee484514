import { OptionError } from "../errors.ts";
import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { aboveZero, readOptions, wholeSteps, type Range } from "../range.ts";
import { divisor } from "./cycle.ts";

export interface SlantedTriangularOptions {
  /** The largest rate. */
  readonly peak: number;
  /** Length of the whole triangle. */
  readonly steps: number;
  /** Share of the steps that goes up. Default 0.1. */
  readonly cutFraction?: number;
  /** Largest rate divided by smallest. Default 32. */
  readonly ratio?: number;
}

const fraction: Range = { needs: "a number in (0, 1)", holds: (x) => x > 0 && x < 1 };

/**
 * A short climb and a long way down, in straight lines (ULMFiT's slanted triangular rates):
 *
 *   cut = ⌊steps·cutFraction⌋
 *   p   = t < cut ? t/cut : 1 − (t − cut)/(cut·(1/cutFraction − 1))
 *   lr  = peak·(1 + p·(ratio − 1))/ratio
 *
 * From where p reaches 0 the rate stays at peak/ratio. The published formula goes on below 0 there whenever
 * steps·cutFraction is no whole number (steps = 19: to −0.84·peak); a negative rate would climb the loss.
 *
 * @throws OptionError  for peak <= 0, cutFraction outside (0, 1), ratio < 1, or fewer than 1/cutFraction steps
 * @see Howard & Ruder, arXiv:1801.06146, equation 3
 * @example
 * import { slantedTriangular } from "@llr/optim";
 * const lr = slantedTriangular({ peak: 0.32, steps: 100 });
 * [0, 5, 10, 55, 100].map(lr) // => [0.01, 0.165, 0.32, 0.165, 0.01]
 */
export function slantedTriangular(options: SlantedTriangularOptions): Schedule {
  const ranges = { peak: aboveZero, steps: wholeSteps, cutFraction: fraction, ratio: divisor };
  const { peak, steps, cutFraction, ratio } = readOptions("slantedTriangular", options, ranges, { cutFraction: 0.1, ratio: 32 });
  const cut = Math.floor(steps * cutFraction);
  if (cut === 0)
    throw new OptionError("slantedTriangular", "steps", `steps is ${steps} and cutFraction ${cutFraction}: the climb has no step. It needs steps·cutFraction >= 1.`);
  const descent = cut * (1 / cutFraction - 1);
  return named("slantedTriangular", [options], (t) => {
    const p = t < cut ? t / cut : Math.max(0, 1 - (t - cut) / descent);
    return (peak * (1 + p * (ratio - 1))) / ratio;
  });
}
