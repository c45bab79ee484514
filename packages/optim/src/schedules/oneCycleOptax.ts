import { OptionError } from "../errors.ts";
import { aboveZero, oneOf, readOptions, upToOne, wholeSteps } from "../range.ts";
import { annealCurves, cycleOf, divisor, momentumDefaults, momentumRanges, type Cycle, type MomentumRange } from "./cycle.ts";

export interface OneCycleOptaxOptions extends MomentumRange {
  /** The largest rate. */
  readonly peak: number;
  /** Length of the whole cycle. */
  readonly steps: number;
  /** Which of optax's two: "cos" is `cosine_onecycle_schedule`, "linear" is `linear_onecycle_schedule`. Default "cos". */
  readonly anneal?: "cos" | "linear";
  /** Share of the steps that goes up. Default 0.3. */
  readonly pctStart?: number;
  /** Share of the steps after which the rate is back where it began; of "linear" only. Default 0.85. */
  readonly pctFinal?: number;
  /** First rate = peak / divFactor. Default 25. */
  readonly divFactor?: number;
  /** Last rate = first rate / finalDivFactor. Default 1e4. */
  readonly finalDivFactor?: number;
}

/**
 * optax's 1cycle: `cosine_onecycle_schedule` in two phases, `linear_onecycle_schedule` in three. With T = steps,
 * first = peak/divFactor and last = first/finalDivFactor:
 *
 *   cos      first → peak  until ⌊pctStart·T⌋,    peak → last  until T
 *   linear   first → peak  until ⌊pctStart·T⌋,    peak → first until ⌊pctFinal·T⌋,    first → last until T
 *
 * Phases end on whole steps: the peak is always reached, one step later than in PyTorch's `oneCycle`, and the last rate
 * comes after the last of T steps instead of in it. optax moves the rate alone; `momentum` here goes the opposite way along
 * the same phases.
 *
 * @throws OptionError  for what `oneCycle` refuses, and for phases without a step, such as pctStart >= pctFinal
 * @see optax.cosine_onecycle_schedule, optax.linear_onecycle_schedule; Smith, arXiv:1708.07120
 * @example
 * import { oneCycle, oneCycleOptax } from "@llr/optim";
 * const [torch, optax] = [oneCycle, oneCycleOptax].map((cycle) => cycle({ peak: 1, steps: 10 }).lr);
 * [torch(2), optax(3)] // => [1, 1]
 * [torch(9), optax(10)] // => [0.000004, 0.000004]
 */
export function oneCycleOptax(options: OneCycleOptaxOptions): Cycle {
  const ranges = { peak: aboveZero, steps: wholeSteps, pctStart: upToOne, pctFinal: upToOne, divFactor: divisor, finalDivFactor: divisor, ...momentumRanges, anneal: oneOf("cos", "linear") };
  const defaults = { anneal: "cos", pctStart: 0.3, pctFinal: 0.85, divFactor: 25, finalDivFactor: 1e4, ...momentumDefaults } as const;
  const { peak, steps, anneal, pctStart, pctFinal, divFactor, finalDivFactor, baseMomentum: low, maxMomentum: high } = readOptions("oneCycleOptax", options, ranges, defaults);
  const curve = annealCurves[anneal];

  const [top, back] = [Math.floor(pctStart * steps), anneal === "cos" ? steps : Math.floor(pctFinal * steps)];
  // optax keys its phases by their ends: where two coincide it would silently leave one out.
  if (top >= back || (anneal === "linear" && back >= steps))
    throw new OptionError("oneCycleOptax", "steps", `steps is ${steps}: the phases end at ${top}, ${anneal === "cos" ? "" : `${back}, `}${steps}. Each needs at least one step.`);
  const first = peak / divFactor;
  const last = first / finalDivFactor;
  const up = { until: top, lr: [first, peak], momentum: [high, low], curve } as const;
  if (anneal === "cos") return cycleOf("oneCycleOptax", options, [up, { until: steps, lr: [peak, last], momentum: [low, high], curve }]);
  return cycleOf("oneCycleOptax", options, [
    up,
    { until: back, lr: [peak, first], momentum: [low, high], curve },
    { until: steps, lr: [first, last], momentum: [high, high], curve },
  ]);
}
