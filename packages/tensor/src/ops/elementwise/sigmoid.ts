import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";
import { unary } from "./unary.ts";

export const sigmoidOp: Primitive<null> = unary({
  name: "sigmoid",
  kernel: (out, x) => {
    for (let i = 0; i < out.length; i++) out[i] = 1 / (1 + Math.exp(-x[i]));
  },
  saves: ["output"],
  derivative: (dOut, { output }) => [mul(dOut, mul(output, sub(1, output)))],
});

/**
 * Logistic function 1 / (1 + e^-x), elementwise; saturates at 0 and 1 without overflow. Derivative s (1 - s), from the
 * result s.
 *
 * @example
 * import { sigmoid, tensor } from "@llr/tensor";
 * sigmoid(tensor([0, 100])).toArray() // => [0.5, 1]
 */
export const sigmoid = (x: Tensor): Tensor => apply(sigmoidOp, [x], null);
