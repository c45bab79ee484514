import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { div } from "./div.ts";
import { mul } from "./mul.ts";
import { unary } from "./unary.ts";

export const sqrtOp: Primitive<null> = unary({
  name: "sqrt",
  kernel: (out, x) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(x[i]);
  },
  simd: "sqrtMap",
  saves: ["output"],
  derivative: (dOut, { output }) => [div(dOut, mul(output, 2))],
});

/**
 * Square root, elementwise; NaN below 0. Derivative 1 / (2 sqrt(x)), which is Infinity at 0.
 *
 * @example
 * import { sqrt, tensor } from "@llr/tensor";
 * sqrt(tensor([4, 9])).toArray() // => [2, 3]
 */
export const sqrt = (x: Tensor): Tensor => apply(sqrtOp, [x], null);
