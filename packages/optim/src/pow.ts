/** Up to here multiplying is the more exact way: its error grows with the exponent. */
const LARGEST_MULTIPLIED = 32;

/**
 * x to the power y, for x >= 0.
 *
 * Not `x ** y`: Math.pow rounds differently in V8 from Node 24 on than before, and a run must give the same bits on both.
 * Math.exp, Math.log and Math.sqrt are the same from Node 20 to 26. The relative error is about 1e-16 (1 + |y log x|).
 */
export function pow(x: number, y: number): number {
  if (!Number.isInteger(2 * y) || Math.abs(y) > LARGEST_MULTIPLIED) return Math.exp(y * Math.log(x));
  const whole = Math.floor(Math.abs(y));
  let result = whole === Math.abs(y) ? 1 : Math.sqrt(x);
  let square = x;
  for (let rest = whole; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return y < 0 ? 1 / result : result;
}
