// Hyperbolic functions and their inverses; tanh has a file of its own.
import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { add } from "./add.ts";
import { map, plain } from "./map.ts";
import { mul } from "./mul.ts";
import { reciprocal, rsqrt, square } from "./powers.ts";
import { sub } from "./sub.ts";

export const sinhOp: Primitive<null> = map({ name: "sinh", f: Math.sinh, slope: (x) => cosh(x) });
export const coshOp: Primitive<null> = map({ name: "cosh", f: Math.cosh, slope: (x) => sinh(x) });
export const asinhOp: Primitive<null> = map({ name: "asinh", f: Math.asinh, slope: (x) => rsqrt(add(1, square(x))) });
// Products of factors where a difference of squares would lose digits near 1.
export const acoshOp: Primitive<null> = map({ name: "acosh", f: Math.acosh, slope: (x) => mul(rsqrt(sub(x, 1)), rsqrt(add(x, 1))) });
export const atanhOp: Primitive<null> = map({ name: "atanh", f: Math.atanh, slope: (x) => reciprocal(mul(sub(1, x), add(1, x))) });

/**
 * (e^x - e^-x) / 2, elementwise. Derivative cosh(x).
 *
 * @example
 * import { sinh, tensor } from "@llr/tensor";
 * sinh(tensor([0, 1])).toArray() // => [0, 1.1752]
 */
export const sinh: (x: Tensor) => Tensor = plain(sinhOp);
/** (e^x + e^-x) / 2, elementwise. Derivative sinh(x). */
export const cosh: (x: Tensor) => Tensor = plain(coshOp);
/** Inverse of sinh, elementwise. Derivative 1 / sqrt(1 + x^2). */
export const asinh: (x: Tensor) => Tensor = plain(asinhOp);
/** Inverse of cosh, elementwise; NaN below 1. Derivative 1 / sqrt(x^2 - 1), Infinity at 1. */
export const acosh: (x: Tensor) => Tensor = plain(acoshOp);
/** Inverse of tanh, elementwise; infinite at -1 and 1, NaN outside. Derivative 1 / (1 - x^2). */
export const atanh: (x: Tensor) => Tensor = plain(atanhOp);
