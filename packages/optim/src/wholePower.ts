/** x^k for whole k >= 0, by squaring: the same bits on every engine, which Math.pow does not promise. */
export function wholePower(x: number, k: number): number {
  let power = 1;
  for (let square = x, left = k; left > 0; square *= square, left = Math.floor(left / 2)) if (left % 2 === 1) power *= square;
  return power;
}
