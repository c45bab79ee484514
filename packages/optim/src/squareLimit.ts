import type { FloatArray } from "./param.ts";

/**
 * The largest number whose square an array of this type holds, with room for a rounding. A running mean of squares that was
 * infinite once stays so, and the weight would never move again.
 */
export function squareLimit(like: FloatArray): number {
  return like.BYTES_PER_ELEMENT === 4 ? 1.8e19 : 1.3e154;
}

/** Times a finite number it is 0, times an infinity NaN. */
const NOTHING = 0;

/**
 * A finite number brought within ±limit. Directions that divide by the root of a mean of squares take it in place of an element
 * beyond: their step is a ratio, so it is next to the same. An infinity becomes NaN: it is no large number, but none.
 */
export function withinSquares(d: number, limit: number): number {
  // Without a branch, which would cost the loop around it a third.
  return Math.max(-limit, Math.min(limit, d)) + NOTHING * d;
}
