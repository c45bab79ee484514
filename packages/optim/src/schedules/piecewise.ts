import { OptionError } from "../errors.ts";
import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { atLeastZero, checkRange, show } from "../range.ts";
import { completeRamp, type CompleteRamp, type Ramp } from "./curves.ts";

export interface Piece extends Ramp {
  /** Where the piece ends, in steps from t = 0; the next one begins there. It need not be whole. */
  readonly until: number;
}

/**
 * Curves one after the other. A piece owns the steps from the end of the one before (the first: from 0) up to, and without,
 * its own `until`; so at a jump the later piece's `start` holds. After the last piece its `end` holds.
 *
 *   p = (t − end of the piece before) / (until − end of the piece before)
 *   value = the piece's curve from start to end, at p
 *
 * fastai's `combine_scheds` is this with `until` = (sum of the shares so far)·steps; optax's `piecewise_interpolate_schedule`
 * is this with each piece beginning where the one before ended. `phases` is this for several hyper-parameters at once.
 *
 * @throws OptionError  for no pieces, an `until` smaller than the one before, a negative value, an exponential to or from 0
 * @see fastai.callback.schedule.combine_scheds; optax.piecewise_interpolate_schedule
 * @example
 * import { piecewise } from "@llr/optim";
 * // Up, a plateau, and down by half a cosine.
 * const lr = piecewise([
 *   { until: 4, start: 0.1, end: 0.5 },
 *   { until: 6, start: 0.5, end: 0.5 },
 *   { until: 10, start: 0.5, curve: "cosine" },
 * ]);
 * [0, 2, 4, 5, 6, 8, 10, 99].map(lr) // => [0.1, 0.3, 0.5, 0.5, 0.5, 0.25, 0, 0]
 */
export function piecewise(pieces: readonly Piece[]): Schedule {
  if (!Array.isArray(pieces)) throw new OptionError("piecewise", "pieces", `the pieces are ${show(pieces)}. It needs a list of them.`);
  if (pieces.length === 0) throw new OptionError("piecewise", "pieces", "the list of pieces is empty. It needs at least one.");
  const complete = (pieces as readonly Piece[]).map((piece, i) => {
    const ramp = completeRamp("piecewise", piece, ` in piece ${i + 1}`, ["until"]);
    const before = i === 0 ? 0 : pieces[i - 1].until;
    const later = { needs: `a finite number >= ${before}, where the piece before ends`, holds: (x: number) => x >= before && x < Infinity };
    checkRange("piecewise", "until", piece.until, i === 0 ? atLeastZero : later, ` in piece ${i + 1}`);
    return { ...ramp, until: piece.until };
  });
  return named("piecewise", [pieces], alongPieces(complete));
}

export type CompletePiece = CompleteRamp & { readonly until: number };

/** The curve through pieces that need no more checks; ends before t = 0 only move the point from which the next piece counts. */
export function alongPieces(pieces: readonly CompletePiece[]): Schedule {
  // A piece without a step never gets its turn, so its end is not the one that holds.
  const last = pieces.findLast(({ until }, i) => i === 0 || until > pieces[i - 1].until)!;
  return (t) => {
    let begin = 0;
    for (const { until, start, end, curve } of pieces) {
      if (t < until) return curve(start, end, (t - begin) / (until - begin));
      begin = until;
    }
    return last.end;
  };
}
