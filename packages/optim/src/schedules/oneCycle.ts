import { OptionError } from "../errors.ts";
import type { Schedule } from "../hyper.ts";
import { aboveZero, belowOne, checkOptions, show, upToOne, wholeSteps, type Range } from "../range.ts";

export interface OneCycleOptions {
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
  /** Momentum while the rate is highest. Default 0.85. */
  readonly baseMomentum?: number;
  /** Momentum at both ends. Default 0.95. */
  readonly maxMomentum?: number;
}

export interface OneCycle {
  readonly lr: Schedule;
  /** Moves against the rate. For Adam it is `beta1`. */
  readonly momentum: Schedule;
}

interface Phase {
  /** Last step of the phase; may be fractional, as in PyTorch. */
  readonly end: number;
  readonly lr: readonly [from: number, to: number];
  readonly momentum: readonly [from: number, to: number];
}

const decreasing: Range = { needs: "a finite number >= 1", holds: (x) => x >= 1 && x < Infinity };

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
 * hold, where PyTorch raises an error.
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
export function oneCycle(options: OneCycleOptions): OneCycle {
  const { peak, steps, pctStart = 0.3, anneal = "cos", phases = 2, divFactor = 25, finalDivFactor = 1e4, baseMomentum = 0.85, maxMomentum = 0.95 } = options;
  checkOptions("oneCycle", { peak, steps, pctStart, divFactor, finalDivFactor, baseMomentum, maxMomentum }, {
    peak: aboveZero,
    steps: wholeSteps,
    pctStart: phases === 3 ? { needs: "a number in [0, 0.5] for 3 phases, which spend it twice", holds: (x) => x >= 0 && x <= 0.5 } : upToOne,
    divFactor: decreasing,
    finalDivFactor: decreasing,
    baseMomentum: belowOne,
    maxMomentum: belowOne,
  });
  if (phases !== 2 && phases !== 3) throw new OptionError("oneCycle", "phases", `phases is ${show(phases)}. It needs 2 or 3.`);
  if (anneal !== "cos" && anneal !== "linear") throw new OptionError("oneCycle", "anneal", `anneal is ${show(anneal)}. It needs "cos" or "linear".`);

  const first = peak / divFactor;
  const last = first / finalDivFactor;
  const up: Phase = { end: pctStart * steps - 1, lr: [first, peak], momentum: [maxMomentum, baseMomentum] };
  const down: Phase = { end: 2 * pctStart * steps - 2, lr: [peak, first], momentum: [baseMomentum, maxMomentum] };
  const plan: Phase[] =
    phases === 3
      ? [up, down, { end: steps - 1, lr: [first, last], momentum: [maxMomentum, maxMomentum] }]
      : [up, { end: steps - 1, lr: [peak, last], momentum: [baseMomentum, maxMomentum] }];
  const curve = anneal === "cos" ? cosineBetween : linearBetween;
  return { lr: along(plan, "lr", curve), momentum: along(plan, "momentum", curve) };
}

function along(plan: readonly Phase[], what: "lr" | "momentum", curve: (from: number, to: number, p: number) => number): Schedule {
  const lastStep = plan.at(-1)!.end;
  return (step) => {
    const t = Math.min(step, lastStep);
    let start = 0;
    for (const phase of plan) {
      if (t > phase.end) {
        start = phase.end;
        continue;
      }
      // A phase that is over in the step in which it begins has reached its end.
      const done = phase.end > start ? (t - start) / (phase.end - start) : 1;
      return curve(phase[what][0], phase[what][1], done);
    }
    return plan.at(-1)![what][1];
  };
}

const cosineBetween = (from: number, to: number, p: number): number => to + ((from - to) / 2) * (1 + Math.cos(Math.PI * p));
const linearBetween = (from: number, to: number, p: number): number => from + (to - from) * p;
