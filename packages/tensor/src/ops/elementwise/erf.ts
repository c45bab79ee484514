import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { map, plain } from "./map.ts";
import { mul } from "./mul.ts";

const SQRT_PI = Math.sqrt(Math.PI);
/** From here on the tail is computed by itself: 1 - erf would lose its digits. */
const TAIL = 2.5;

/**
 * erf(x) = 2/sqrt(pi) e^(-x^2) sum_n 2^n x^(2n+1) / (1 3 5 ... (2n+1)) (DLMF 7.6.2): all terms have one sign, so nothing
 * cancels.
 */
function series(x: number): number {
  let term = x;
  let total = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(total); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / SQRT_PI) * Math.exp(-x * x) * total;
}

/** erfc(x) for x >= TAIL: the continued fraction e^(-x^2) / sqrt(pi) / (x + 1/2 / (x + 1 / (x + 3/2 / ...))) (DLMF 7.9.1). */
function tail(x: number): number {
  let below = x;
  for (let k = 60; k > 0; k--) below = x + k / 2 / below; // 60 levels leave less than 1e-16 at x = 2.5
  return Math.exp(-x * x) / (SQRT_PI * below);
}

/** Error function of a number, to about 1e-15. */
export function erfOf(x: number): number {
  if (x !== x) return x;
  if (Math.abs(x) < TAIL) return series(x);
  return x > 0 ? 1 - tail(x) : tail(-x) - 1;
}

/** 1 - erf(x), with all digits in the right tail. */
export function erfcOf(x: number): number {
  if (x >= TAIL) return tail(x);
  return 1 - erfOf(x);
}

export const erfOp: Primitive<null> = map({ name: "erf", f: erfOf, slope: (x) => plain(erfSlopeOp)(x) });

/** 2/sqrt(pi) e^(-x^2): the derivative of erf. */
export const erfSlopeOp: Primitive<null> = map({ name: "erfSlope", f: (x) => (2 / SQRT_PI) * Math.exp(-x * x), slope: (x) => mul(mul(x, -2), plain(erfSlopeOp)(x)) });

/**
 * Error function 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x, elementwise. Derivative 2/sqrt(pi) e^(-x^2).
 *
 * @example
 * import { erf, tensor } from "@llr/tensor";
 * erf(tensor([0, 1, -10])).toArray() // => [0, 0.8427, -1]
 */
export const erf: (x: Tensor) => Tensor = plain(erfOp);
