import { OptionError } from "../errors.ts";
import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { belowOne, checkOptions, show, type Range } from "../range.ts";
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

/** The momentum of a cycle, checked and complete. */
export function momentumRange(where: string, { baseMomentum = 0.85, maxMomentum = 0.95 }: MomentumRange): { readonly low: number; readonly high: number } {
  checkOptions(where, { baseMomentum, maxMomentum }, { baseMomentum: belowOne, maxMomentum: belowOne });
  return { low: baseMomentum, high: maxMomentum };
}

/** Of a divisor that makes a rate smaller, or leaves it. */
export const divisor: Range = { needs: "a finite number >= 1", holds: (x) => x >= 1 && x < Infinity };

/** The shape that `anneal` names. */
export function annealCurve(where: string, anneal: "cos" | "linear"): Curve {
  if (anneal === "cos") return cosineCurve;
  if (anneal === "linear") return linearCurve;
  throw new OptionError(where, "anneal", `anneal is ${show(anneal)}. It needs "cos" or "linear".`);
}

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
