import { OptionError } from "../errors.ts";
import { aboveZero, readOptions, upToOne, wholeSteps } from "../range.ts";
import { cosineCurve, linearCurve } from "./curves.ts";
import { cycleOf, divisor, momentumDefaults, momentumRanges, type Cycle, type MomentumRange } from "./cycle.ts";

export interface OneCyclePlateauOptions extends MomentumRange {
  /** The largest rate. */
  readonly peak: number;
  /** Length of the whole cycle. */
  readonly steps: number;
  /** Share of the steps that goes up. Default 0.3. */
  readonly pctStart?: number;
  /** Share of the steps that stays at the top. Default 0.2. */
  readonly pctPlateau?: number;
  /** First rate = peak / divFactor. Default 25, as in `oneCycle`. */
  readonly divFactor?: number;
  /** Last rate = first rate / finalDivFactor. Default 1e4, as in `oneCycle`. */
  readonly finalDivFactor?: number;
}

/**
 * 1cycle with a plateau: a straight line up, a stay at the largest rate with the smallest momentum, half a cosine down.
 *
 *   peak/divFactor → peak                       until t = pctStart·steps
 *   peak                                        until t = (pctStart + pctPlateau)·steps
 *   peak → peak/(divFactor·finalDivFactor)      until t = steps
 *
 * Gugger reports a small gain over 1cycle of the same length where the climb was made shorter for it, and that it acts as
 * more regularisation: other forms may have to be reduced with it (posts 31 and 38 of the thread).
 *
 * @throws OptionError  for peak <= 0, steps that are no whole number >= 1, shares that are negative or exceed 1 together,
 *                      factors < 1, momentum outside [0, 1)
 * @see forums.fast.ai "Cyclical Layer Learning Rates", posts 31 and 38
 * @example
 * import { oneCyclePlateau } from "@llr/optim";
 * const { lr, momentum } = oneCyclePlateau({ peak: 1, steps: 10, divFactor: 10 });
 * [0, 3, 4, 5, 10].map(lr) // => [0.1, 1, 1, 1, 0.00001]
 * [0, 3, 4, 5, 10].map(momentum) // => [0.95, 0.85, 0.85, 0.85, 0.95]
 */
export function oneCyclePlateau(options: OneCyclePlateauOptions): Cycle {
  const ranges = { peak: aboveZero, steps: wholeSteps, pctStart: upToOne, pctPlateau: upToOne, divFactor: divisor, finalDivFactor: divisor, ...momentumRanges };
  const defaults = { pctStart: 0.3, pctPlateau: 0.2, divFactor: 25, finalDivFactor: 1e4, ...momentumDefaults };
  const { peak, steps, pctStart, pctPlateau, divFactor, finalDivFactor, baseMomentum: low, maxMomentum: high } = readOptions("oneCyclePlateau", options, ranges, defaults);
  if (pctStart + pctPlateau > 1)
    throw new OptionError("oneCyclePlateau", "pctPlateau", `pctStart is ${pctStart} and pctPlateau ${pctPlateau}: more than all steps. Together they need to be at most 1.`);
  return cycleOf("oneCyclePlateau", options, [
    { until: pctStart * steps, lr: [peak / divFactor, peak], momentum: [high, low], curve: linearCurve },
    { until: (pctStart + pctPlateau) * steps, lr: [peak, peak], momentum: [low, low], curve: linearCurve },
    { until: steps, lr: [peak, peak / divFactor / finalDivFactor], momentum: [low, high], curve: cosineCurve },
  ]);
}
