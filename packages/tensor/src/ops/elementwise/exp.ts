import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { mul } from "./mul.ts";
import { unary } from "./unary.ts";

export const expOp: Primitive<null> = unary({
  name: "exp",
  kernel: (out, x) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.exp(x[i]);
  },
  simd: "expMap",
  saves: ["output"],
  derivative: (dOut, { output }) => [mul(dOut, output)],
});

/**
 * e^x, elementwise. The derivative is the result itself.
 *
 * @example
 * import { exp, tensor } from "@llr/tensor";
 * exp(tensor([0, 1])).toArray() // => [1, 2.71828]
 */
export const exp = (x: Tensor): Tensor => apply(expOp, [x], null);
