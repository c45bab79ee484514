import { OptionError } from "../errors.ts";
import { aboveZero, readOptions, wholeSteps } from "../range.ts";
import { linearCurve } from "./curves.ts";
import { cycleOf, divisor, momentumDefaults, momentumRanges, type Cycle, type MomentumRange } from "./cycle.ts";

export interface SlantedCycleOptions extends MomentumRange {
  /** The largest rate. */
  readonly peak: number;
  /** Length of the whole cycle. */
  readonly steps: number;
  /** Smallest rate = peak / divFactor. Default 4. */
  readonly divFactor?: number;
  /** One in so many steps goes up. Default 8. */
  readonly cutDivisor?: number;
}

/**
 * A slanted triangle with momentum, as fastai 0.7 had it (`use_clr`). With cut = ⌊steps/cutDivisor⌋:
 *
 *   peak/divFactor → peak   until t = cut
 *   peak → peak/divFactor   until t = steps
 *
 * ULMFiT's `slantedTriangular` has the same climb and comes down so as to reach the smallest rate after cut/cutFraction
 * steps; this one reaches it after `steps`, also where cut was rounded. After that the last values hold, where fastai begins
 * a new cycle.
 *
 * @throws OptionError  for peak <= 0, divFactor < 1, fewer steps than cutDivisor, momentum outside [0, 1)
 * @see fastai 0.7, sgdr.py: CircularLR
 * @example
 * import { slantedCycle } from "@llr/optim";
 * const { lr, momentum } = slantedCycle({ peak: 0.4, steps: 19, cutDivisor: 10 });
 * [0, 1, 10, 19].map(lr) // => [0.1, 0.4, 0.25, 0.1]
 * [0, 1, 10, 19].map(momentum) // => [0.95, 0.85, 0.90, 0.95]
 */
export function slantedCycle(options: SlantedCycleOptions): Cycle {
  const ranges = { peak: aboveZero, steps: wholeSteps, divFactor: divisor, cutDivisor: divisor, ...momentumRanges };
  const { peak, steps, divFactor, cutDivisor, baseMomentum: low, maxMomentum: high } = readOptions("slantedCycle", options, ranges, { divFactor: 4, cutDivisor: 8, ...momentumDefaults });
  const cut = Math.floor(steps / cutDivisor);
  if (cut === 0) throw new OptionError("slantedCycle", "steps", `steps is ${steps} and cutDivisor ${cutDivisor}: the climb has no step. It needs steps >= cutDivisor.`);
  const first = peak / divFactor;
  return cycleOf("slantedCycle", options, [
    { until: cut, lr: [first, peak], momentum: [high, low], curve: linearCurve },
    { until: steps, lr: [peak, first], momentum: [low, high], curve: linearCurve },
  ]);
}
