// Relatives of exp and log.
import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { add } from "./add.ts";
import { div } from "./div.ts";
import { exp } from "./exp.ts";
import { map, plain } from "./map.ts";
import { mul } from "./mul.ts";

export const expm1Op: Primitive<null> = map({ name: "expm1", f: Math.expm1, slope: exp });
export const exp2Op: Primitive<null> = map({ name: "exp2", f: (x) => Math.pow(2, x), slope: (y) => mul(y, Math.LN2), slopeOf: "output" });
export const log1pOp: Primitive<null> = map({ name: "log1p", f: Math.log1p, slope: (x) => div(1, add(x, 1)) });
export const log2Op: Primitive<null> = map({ name: "log2", f: Math.log2, slope: (x) => div(Math.LOG2E, x) });
export const log10Op: Primitive<null> = map({ name: "log10", f: Math.log10, slope: (x) => div(Math.LOG10E, x) });

/**
 * e^x - 1, elementwise, with all digits for small x. Derivative e^x.
 *
 * @example
 * import { expm1, tensor } from "@llr/tensor";
 * expm1(tensor([1e-20])).item() // => 1e-20
 */
export const expm1: (x: Tensor) => Tensor = plain(expm1Op);
/** 2^x, elementwise. Derivative ln(2) 2^x. */
export const exp2: (x: Tensor) => Tensor = plain(exp2Op);

/**
 * log(1 + x), elementwise, with all digits for small x; -Infinity at -1 and NaN below. Derivative 1 / (1 + x).
 *
 * @example
 * import { log1p, tensor } from "@llr/tensor";
 * log1p(tensor([1e-20])).item() // => 1e-20
 */
export const log1p: (x: Tensor) => Tensor = plain(log1pOp);
/** Logarithm to the base 2, elementwise; -Infinity at 0 and NaN below. Derivative 1 / (x ln 2). */
export const log2: (x: Tensor) => Tensor = plain(log2Op);
/** Logarithm to the base 10, elementwise; -Infinity at 0 and NaN below. Derivative 1 / (x ln 10). */
export const log10: (x: Tensor) => Tensor = plain(log10Op);
