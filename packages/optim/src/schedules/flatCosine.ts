import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { aboveZero, readOptions, upToOne, wholeSteps } from "../range.ts";
import { cosineCurve } from "./curves.ts";
import { divisor } from "./cycle.ts";
import { alongPieces } from "./piecewise.ts";

export interface FlatCosineOptions {
  /** The rate that is held. */
  readonly start: number;
  readonly steps: number;
  /** Share of the steps for which it is held. Default 0.75. */
  readonly pctStart?: number;
  /** Last rate = start / finalDivFactor. Default 1e5. */
  readonly finalDivFactor?: number;
}

/**
 * A constant rate, then half a cosine down: `start` until t = pctStart·steps, from there to start/finalDivFactor at t = steps.
 *
 * @throws OptionError  for start <= 0, steps that are no whole number >= 1, pctStart outside [0, 1], finalDivFactor < 1
 * @see fastai.callback.schedule: fit_flat_cos
 * @example
 * import { flatCosine } from "@llr/optim";
 * [0, 6, 7, 8, 9].map(flatCosine({ start: 1, steps: 8 })) // => [1, 1, 0.500005, 0.00001, 0.00001]
 */
export function flatCosine(options: FlatCosineOptions): Schedule {
  const ranges = { start: aboveZero, steps: wholeSteps, pctStart: upToOne, finalDivFactor: divisor };
  const { start, steps, pctStart, finalDivFactor } = readOptions("flatCosine", options, ranges, { pctStart: 0.75, finalDivFactor: 1e5 });
  const pieces = [
    { until: pctStart * steps, start, end: start, curve: cosineCurve },
    { until: steps, start, end: start / finalDivFactor, curve: cosineCurve },
  ];
  return named("flatCosine", [options], alongPieces(pieces));
}
