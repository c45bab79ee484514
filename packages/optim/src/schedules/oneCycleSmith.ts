import { OptionError } from "../errors.ts";
import { aboveZero, belowOne, readOptions, wholeSteps } from "../range.ts";
import { linearCurve } from "./curves.ts";
import { cycleOf, divisor, momentumDefaults, momentumRanges, type Cycle, type MomentumRange } from "./cycle.ts";

export interface OneCycleSmithOptions extends MomentumRange {
  /** The largest rate. */
  readonly peak: number;
  /** Length of the whole cycle. */
  readonly steps: number;
  /** Share of the steps left for the descent far below the first rate. Default 0.1. */
  readonly pctFinal?: number;
  /** First rate = peak / divFactor. Default 10. */
  readonly divFactor?: number;
  /** Last rate = first rate / finalDivFactor. Default 100, which is fixed in fastai 0.7. */
  readonly finalDivFactor?: number;
}

/**
 * Smith's 1cycle as fastai 0.7 had it (`use_clr_beta`), in straight lines: as long up as down, then on to nearly nothing.
 * With half = ⌊steps·(1 − pctFinal)/2⌋, first = peak/divFactor and last = first/finalDivFactor:
 *
 *   first → peak   until t = half
 *   peak → first   until t = 2·half
 *   first → last   until t = steps        momentum stays at its maximum
 *
 * After that the last values hold, where fastai begins a new cycle. It is the 1cycle of the
 * thread's time, to which plateaus and slanted triangles were compared (posts 30 and 31).
 *
 * @throws OptionError  for peak <= 0, steps too few for a climb, pctFinal outside [0, 1), factors < 1, momentum outside [0, 1)
 * @see Smith, arXiv:1803.09820, section 4.1; fastai 0.7, sgdr.py: CircularLR_beta, whose `pct` is 100·pctFinal
 * @example
 * import { oneCycleSmith } from "@llr/optim";
 * const { lr, momentum } = oneCycleSmith({ peak: 1, steps: 20 });
 * [0, 9, 18, 19, 20].map(lr) // => [0.1, 1, 0.1, 0.0505, 0.001]
 * [0, 9, 18, 20].map(momentum) // => [0.95, 0.85, 0.95, 0.95]
 */
export function oneCycleSmith(options: OneCycleSmithOptions): Cycle {
  const ranges = { peak: aboveZero, steps: wholeSteps, pctFinal: belowOne, divFactor: divisor, finalDivFactor: divisor, ...momentumRanges };
  const defaults = { pctFinal: 0.1, divFactor: 10, finalDivFactor: 100, ...momentumDefaults };
  const { peak, steps, pctFinal, divFactor, finalDivFactor, baseMomentum: low, maxMomentum: high } = readOptions("oneCycleSmith", options, ranges, defaults);
  const half = Math.floor((steps * (1 - pctFinal)) / 2);
  if (half === 0) throw new OptionError("oneCycleSmith", "steps", `steps is ${steps} and pctFinal ${pctFinal}: the climb has no step. It needs steps·(1 − pctFinal) >= 2.`);
  const first = peak / divFactor;
  return cycleOf("oneCycleSmith", options, [
    { until: half, lr: [first, peak], momentum: [high, low], curve: linearCurve },
    { until: 2 * half, lr: [peak, first], momentum: [low, high], curve: linearCurve },
    { until: steps, lr: [first, first / finalDivFactor], momentum: [high, high], curve: linearCurve },
  ]);
}
