import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { belowOne, type Range } from "../range.ts";
import { cosineCurve, linearCurve, type Curve } from "./curves.ts";
import { alongPieces } from "./piecewise.ts";

/** A rate, and the momentum that moves against it. Both can be spread into an optimizer's options. */
export interface Cycle {
  readonly lr: Schedule;
  /** High where the rate is low. For Adam it is `beta1`. */
  readonly momentum: Schedule;
}

export interface MomentumRange {
  /** Momentum while the rate is highest. Default 0.85. */
  readonly baseMomentum?: number;
  /** Momentum while the rate is lowest. Default 0.95. */
  readonly maxMomentum?: number;
}

/** What the options of a cycle say of its momentum: ranges and defaults, to be spread into those of the cycle. */
export const momentumRanges: Readonly<Record<keyof MomentumRange, Range>> = { baseMomentum: belowOne, maxMomentum: belowOne };
export const momentumDefaults: Readonly<Required<MomentumRange>> = { baseMomentum: 0.85, maxMomentum: 0.95 };

/** Of a divisor that makes a rate smaller, or leaves it. */
export const divisor: Range = { needs: "a finite number >= 1", holds: (x) => x >= 1 && x < Infinity };

/** The shapes that `anneal` names. */
export const annealCurves: Readonly<Record<"cos" | "linear", Curve>> = { cos: cosineCurve, linear: linearCurve };

interface CyclePiece {
  readonly until: number;
  readonly lr: readonly [start: number, end: number];
  readonly momentum: readonly [start: number, end: number];
  readonly curve: Curve;
}

/** Rate and momentum along the same pieces, named after the call that made them. */
export function cycleOf(maker: string, options: object, pieces: readonly CyclePiece[]): Cycle {
  const along = (what: "lr" | "momentum"): Schedule => {
    const ramps = pieces.map(({ until, curve, [what]: [start, end] }) => ({ until, curve, start, end }));
    return named(maker, [options], alongPieces(ramps), `.${what}`);
  };
  return { lr: along("lr"), momentum: along("momentum") };
}
