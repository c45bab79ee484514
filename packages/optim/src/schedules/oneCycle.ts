import { aboveZero, oneOf, readOptions, upToOne, wholeSteps, type Range } from "../range.ts";
import { annealCurves, cycleOf, divisor, momentumDefaults, momentumRanges, type Cycle, type MomentumRange } from "./cycle.ts";

export interface OneCycleOptions extends MomentumRange {
  /** The largest rate. */
  readonly peak: number;
  /** Length of the whole cycle, usually of the whole training. */
  readonly steps: number;
  /** Share of the steps that goes up. Default 0.3. */
  readonly pctStart?: number;
  /** Shape of every phase. Default "cos". */
  readonly anneal?: "cos" | "linear";
  /** 2: up, then down to the last rate. 3: up, down to the first rate in as many steps, then on to the last. Default 2. */
  readonly phases?: 2 | 3;
  /** First rate = peak / divFactor. Default 25. */
  readonly divFactor?: number;
  /** Last rate = first rate / finalDivFactor. Default 1e4. */
  readonly finalDivFactor?: number;
}

const spentTwice: Range = { needs: "a number in [0, 0.5] for 3 phases, which spend it twice", holds: (x) => x >= 0 && x <= 0.5 };

/**
 * The 1cycle policy, digit for digit as PyTorch's OneCycleLR: the rate climbs to `peak` and comes down far below where it
 * began, momentum does the opposite. With T = steps, first = peak/divFactor and last = first/finalDivFactor:
 *
 *   2 phases   first → peak  until t = pctStart·T − 1,    peak → last  until t = T − 1
 *   3 phases   first → peak  until t = pctStart·T − 1,    peak → first until t = 2·pctStart·T − 2,    first → last until t = T − 1
 *
 *   cos     to + (from − to)/2 · (1 + cos πp)        p = share of the phase that is done
 *   linear  from + (to − from)·p
 *
 * Phases end on fractional steps, so the peak itself is reached only if pctStart·T is whole. After T − 1 the last values
 * hold. PyTorch's goes on for one step more: at t = T the cosine has risen again, to its value at T − 2, and the straight line
 * of two phases is below 0; it raises an error at T + 1 (2.6, and 1.13).
 *
 * @throws OptionError  for peak <= 0, steps that are no whole number >= 1, pctStart outside [0, 1] (3 phases: [0, 0.5]),
 *                      factors < 1, momentum outside [0, 1)
 * @see Smith, arXiv:1708.07120 and arXiv:1803.09820; torch.optim.lr_scheduler.OneCycleLR
 * @example
 * import { oneCycle, sgd } from "@llr/optim";
 * const cycle = oneCycle({ peak: 1, steps: 10, anneal: "linear" });
 * [0, 1, 2, 5, 9].map(cycle.lr); // => [0.04, 0.52, 1, 0.571430, 0.000004]
 * [0, 1, 2, 5, 9].map(cycle.momentum); // => [0.95, 0.90, 0.85, 0.893, 0.95]
 * const w = { name: "w", data: new Float32Array(1), grad: null };
 * const optimizer = sgd([w], { lr: cycle.lr, momentum: cycle.momentum });
 * [1, 2, 3].map(() => optimizer.step()[0].lr) // => [0.04, 0.52, 1]
 */
export function oneCycle(options: OneCycleOptions): Cycle {
  const ranges = {
    peak: aboveZero,
    steps: wholeSteps,
    pctStart: options?.phases === 3 ? spentTwice : upToOne,
    divFactor: divisor,
    finalDivFactor: divisor,
    ...momentumRanges,
    phases: oneOf(2, 3),
    anneal: oneOf("cos", "linear"),
  };
  const defaults = { pctStart: 0.3, anneal: "cos", phases: 2, divFactor: 25, finalDivFactor: 1e4, ...momentumDefaults } as const;
  const { peak, steps, pctStart, anneal, phases, divFactor, finalDivFactor, baseMomentum: low, maxMomentum: high } = readOptions("oneCycle", options, ranges, defaults);
  const curve = annealCurves[anneal];

  const first = peak / divFactor;
  const last = first / finalDivFactor;
  const up = { until: pctStart * steps - 1, lr: [first, peak], momentum: [high, low], curve } as const;
  if (phases === 2) return cycleOf("oneCycle", options, [up, { until: steps - 1, lr: [peak, last], momentum: [low, high], curve }]);
  return cycleOf("oneCycle", options, [
    up,
    { until: 2 * pctStart * steps - 2, lr: [peak, first], momentum: [low, high], curve },
    { until: steps - 1, lr: [first, last], momentum: [high, high], curve },
  ]);
}
