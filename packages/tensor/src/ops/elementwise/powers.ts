// Fixed powers of x. For any other power see pow.
import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { div } from "./div.ts";
import { map, plain } from "./map.ts";
import { mul } from "./mul.ts";

export const rsqrtOp: Primitive<null> = map({ name: "rsqrt", f: (x) => 1 / Math.sqrt(x), slope: (y) => mul(mul(mul(y, y), y), -0.5), slopeOf: "output" });
export const cbrtOp: Primitive<null> = map({ name: "cbrt", f: Math.cbrt, slope: (y) => div(1 / 3, mul(y, y)), slopeOf: "output" });

/**
 * 1 / sqrt(x), elementwise; Infinity at 0 and NaN below. Derivative -1/2 x^(-3/2).
 *
 * @example
 * import { rsqrt, tensor } from "@llr/tensor";
 * rsqrt(tensor([4, 0])).toArray() // => [0.5, Infinity]
 */
export const rsqrt: (x: Tensor) => Tensor = plain(rsqrtOp);

/**
 * The cube root, elementwise, of negative numbers too. Derivative 1 / (3 cbrt(x)^2), Infinity at 0.
 *
 * @example
 * import { cbrt, tensor } from "@llr/tensor";
 * cbrt(tensor([-8, 27])).toArray() // => [-2, 3]
 */
export const cbrt: (x: Tensor) => Tensor = plain(cbrtOp);

/**
 * x * x, elementwise. Derivative 2 x.
 *
 * @example
 * import { square, tensor } from "@llr/tensor";
 * square(tensor([-3, 2])).toArray() // => [9, 4]
 */
export const square = (x: Tensor): Tensor => mul(x, x);

/**
 * 1 / x, elementwise; an infinity at 0. Derivative -1 / x^2.
 *
 * @example
 * import { reciprocal, tensor } from "@llr/tensor";
 * reciprocal(tensor([4, -2])).toArray() // => [0.25, -0.5]
 */
export const reciprocal = (x: Tensor): Tensor => div(1, x);
