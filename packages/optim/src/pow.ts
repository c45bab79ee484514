import { exp, log } from "./elementary.ts";

/** Up to here multiplying is the more exact way: its error grows with the exponent. */
const LARGEST_MULTIPLIED = 32;

/**
 * x to the power y, for x >= 0.
 *
 * Not `x ** y`, which every engine rounds in its own way: a run must give the same bits on all. The relative error is about
 * 1e-16 (1 + |y log x|).
 */
export function pow(x: number, y: number): number {
  if (!Number.isInteger(2 * y) || Math.abs(y) > LARGEST_MULTIPLIED) return exp(y * log(x));
  const whole = Math.floor(Math.abs(y));
  let result = whole === Math.abs(y) ? 1 : Math.sqrt(x);
  let square = x;
  for (let rest = whole; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return y < 0 ? 1 / result : result;
}
