import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { div } from "./div.ts";
import { unary } from "./unary.ts";

export const logOp: Primitive<null> = unary({
  name: "log",
  kernel: (out, x) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.log(x[i]);
  },
  simd: "logMap",
  saves: [0],
  derivative: (dOut, { inputs: [x] }) => [div(dOut, x)],
});

/**
 * Natural logarithm, elementwise; -Infinity at 0 and NaN below. Derivative 1 / x.
 *
 * @example
 * import { log, tensor } from "@llr/tensor";
 * log(tensor([1, Math.E])).toArray() // => [0, 1]
 */
export const log = (x: Tensor): Tensor => apply(logOp, [x], null);
