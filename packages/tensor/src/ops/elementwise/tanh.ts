import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";
import { unary } from "./unary.ts";

export const tanhOp: Primitive<null> = unary({
  name: "tanh",
  kernel: (out, x) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.tanh(x[i]);
  },
  saves: ["output"],
  derivative: (dOut, { output }) => [mul(dOut, sub(1, mul(output, output)))],
});

/**
 * Hyperbolic tangent, elementwise. Derivative 1 - tanh(x)^2, from the result.
 *
 * @example
 * import { tanh, tensor } from "@llr/tensor";
 * tanh(tensor([0, 1])).toArray() // => [0, 0.76159]
 */
export const tanh = (x: Tensor): Tensor => apply(tanhOp, [x], null);
