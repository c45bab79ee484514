import { named } from "../named.ts";
import { pow } from "../pow.ts";
import { atLeastZero, checkRange, oneOf, readOptions, wholeSteps, type Range } from "../range.ts";
import { momentumRanges, type Cycle, type MomentumRange } from "./cycle.ts";

export interface CyclicOptions extends MomentumRange {
  /** Rate at the foot of every cycle. */
  readonly base: number;
  /** Rate at the top of the first cycle. */
  readonly peak: number;
  /** Length of a climb. Default 2000. */
  readonly stepsUp?: number;
  /** Length of a descent. Default: that of the climb. */
  readonly stepsDown?: number;
  /** What becomes of the height of later cycles. Default "triangular". */
  readonly mode?: "triangular" | "triangular2" | "expRange";
  /** Of `expRange`: factor of every step. Default 1. */
  readonly gamma?: number;
  /** Momentum at the top of the first cycle. Default 0.8. */
  readonly baseMomentum?: number;
  /** Momentum at the foot of every cycle. Default 0.9. */
  readonly maxMomentum?: number;
}

const shrinking: Range = { needs: "a number in (0, 1]", holds: (x) => x > 0 && x <= 1 };

/**
 * Cyclical learning rates: triangles without end. With S = stepsUp + stepsDown and r = stepsUp/S:
 *
 *   cycle = ⌊1 + t/S⌋,  x = 1 + t/S − cycle
 *   h     = x <= r ? x/r : (x − 1)/(r − 1)
 *   size  = 1 (triangular),  1/2^(cycle − 1) (triangular2),  gamma^t (expRange)
 *   lr       = base + (peak − base)·h·size
 *   momentum = maxMomentum − (maxMomentum − baseMomentum)·h·size
 *
 * @throws OptionError  for a negative base, peak < base, steps that are no whole numbers >= 1, gamma outside (0, 1], momentum
 *                      outside [0, 1)
 * @see Smith, arXiv:1506.01186; torch.optim.lr_scheduler.CyclicLR
 * @example
 * import { cyclic } from "@llr/optim";
 * const { lr, momentum } = cyclic({ base: 0.1, peak: 0.5, stepsUp: 2, mode: "triangular2" });
 * [0, 1, 2, 3, 4, 6, 8, 10].map(lr) // => [0.1, 0.3, 0.5, 0.3, 0.1, 0.3, 0.1, 0.2]
 * [0, 2, 4, 6].map(momentum) // => [0.9, 0.8, 0.9, 0.85]
 */
export function cyclic(options: CyclicOptions): Cycle {
  const modes = oneOf("triangular", "triangular2", "expRange");
  const ranges = { base: atLeastZero, peak: atLeastZero, stepsUp: wholeSteps, stepsDown: wholeSteps, gamma: shrinking, mode: modes, ...momentumRanges };
  const defaults = { stepsUp: 2000, stepsDown: options?.stepsUp ?? 2000, mode: "triangular", gamma: 1, baseMomentum: 0.8, maxMomentum: 0.9 } as const;
  const { base, peak, stepsUp, stepsDown, mode, gamma, baseMomentum: low, maxMomentum: high } = readOptions("cyclic", options, ranges, defaults);
  checkRange("cyclic", "peak", peak, { needs: `a finite number >= base, ${base}`, holds: (x) => x >= base });
  const length = stepsUp + stepsDown;
  const ratio = stepsUp / length;
  const sizes = { triangular: () => 1, triangular2: (cycle: number) => 1 / pow(2, cycle - 1), expRange: (_: number, t: number) => pow(gamma, t) };
  const size = sizes[mode];

  const height = (t: number): number => {
    const cycle = Math.floor(1 + t / length);
    const x = 1 + t / length - cycle;
    return (x <= ratio ? x / ratio : (x - 1) / (ratio - 1)) * size(cycle, t);
  };
  return {
    lr: named("cyclic", [options], (t) => base + (peak - base) * height(t), ".lr"),
    momentum: named("cyclic", [options], (t) => high - (high - low) * height(t), ".momentum"),
  };
}
