import { aboveZero, readOptions, upToOne, wholeSteps } from "../range.ts";
import { cosineCurve } from "./curves.ts";
import { cycleOf, divisor, momentumDefaults, momentumRanges, type Cycle, type MomentumRange } from "./cycle.ts";

export interface OneCycleFastaiOptions extends MomentumRange {
  /** The largest rate. */
  readonly peak: number;
  /** Length of the whole cycle. */
  readonly steps: number;
  /** Share of the steps that goes up. Default 0.25. */
  readonly pctStart?: number;
  /** First rate = peak / divFactor. Default 25. */
  readonly divFactor?: number;
  /** Last rate = **peak** / finalDivFactor, where PyTorch divides the first rate. Default 1e5. */
  readonly finalDivFactor?: number;
}

/**
 * fastai's `fit_one_cycle`: half a cosine up for a quarter of the steps, half a cosine down for the rest.
 *
 *   peak/divFactor → peak           until t = pctStart·steps
 *   peak → peak/finalDivFactor      until t = steps
 *
 * The last rate would belong to step `steps`, the one after the last.
 *
 * @throws OptionError  for peak <= 0, steps that are no whole number >= 1, pctStart outside [0, 1], factors < 1, momentum
 *                      outside [0, 1)
 * @see fastai.callback.schedule: fit_one_cycle, combined_cos
 * @example
 * import { oneCycleFastai } from "@llr/optim";
 * const { lr, momentum } = oneCycleFastai({ peak: 1, steps: 8 });
 * [0, 1, 2, 5, 8].map(lr) // => [0.04, 0.52, 1, 0.500005, 0.00001]
 * [0, 2, 8].map(momentum) // => [0.95, 0.85, 0.95]
 */
export function oneCycleFastai(options: OneCycleFastaiOptions): Cycle {
  const ranges = { peak: aboveZero, steps: wholeSteps, pctStart: upToOne, divFactor: divisor, finalDivFactor: divisor, ...momentumRanges };
  const defaults = { pctStart: 0.25, divFactor: 25, finalDivFactor: 1e5, ...momentumDefaults };
  const { peak, steps, pctStart, divFactor, finalDivFactor, baseMomentum: low, maxMomentum: high } = readOptions("oneCycleFastai", options, ranges, defaults);
  return cycleOf("oneCycleFastai", options, [
    { until: pctStart * steps, lr: [peak / divFactor, peak], momentum: [high, low], curve: cosineCurve },
    { until: steps, lr: [peak, peak / finalDivFactor], momentum: [low, high], curve: cosineCurve },
  ]);
}
