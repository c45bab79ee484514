import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { map, plain, steps } from "./map.ts";

export const absOp: Primitive<null> = map({ name: "abs", f: Math.abs, slope: (x) => sign(x) });
export const signOp: Primitive<null> = steps("sign", (x) => Math.sign(x) || 0, "compares");

/**
 * |x|, elementwise. Derivative sign(x): 0 at the kink, as PyTorch.
 *
 * @example
 * import { abs, tensor } from "@llr/tensor";
 * abs(tensor([-2, 0, 3])).toArray() // => [2, 0, 3]
 */
export const abs: (x: Tensor) => Tensor = plain(absOp);

/**
 * 1, 0 or -1 as x is positive, zero or negative; 0 for NaN, as PyTorch. Its derivative is 0.
 *
 * @example
 * import { sign, tensor } from "@llr/tensor";
 * sign(tensor([-2, 0, 3, NaN])).toArray() // => [-1, 0, 1, 0]
 */
export const sign: (x: Tensor) => Tensor = plain(signOp);
