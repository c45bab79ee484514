import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { unary } from "./unary.ts";

export const negOp: Primitive<null> = unary({
  name: "neg",
  kernel: (out, x) => {
    for (let i = 0; i < out.length; i++) out[i] = -x[i];
  },
  simd: "negMap",
  saves: [],
  derivative: (dOut) => [neg(dOut)],
});

/**
 * -x, elementwise.
 *
 * @example
 * import { neg, tensor } from "@llr/tensor";
 * neg(tensor([1, -2])).toArray() // => [-1, 2]
 */
export const neg = (x: Tensor): Tensor => apply(negOp, [x], null);
