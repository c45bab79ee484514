import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import { sizeOf } from "../../shape.ts";
import { ELEMENTWISE_GRAIN } from "../../simd/grain.ts";
import { parallel } from "../../simd/parallel.ts";
import type { Tensor } from "../../tensor.ts";
import { mul } from "./mul.ts";
import { sameShapes } from "./sameShapes.ts";
import { sub } from "./sub.ts";
import { unary } from "./unary.ts";

export const sigmoidOp: Primitive<null> = unary({
  name: "sigmoid",
  kernel: (out, x) => {
    for (let i = 0; i < out.length; i++) out[i] = 1 / (1 + Math.exp(-x[i]));
  },
  simd: "sigmoidMap",
  saves: ["output"],
  derivative: (dOut, { output }) => [sigmoidGrad(dOut, output)],
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

/** dOut y (1 - y) from the logistic function's result y, in one pass. Linear in dOut; d/dy = (1 - 2 y) dOut. */
export const sigmoidGradOp: Primitive<null> = {
  kind: "primitive",
  name: "sigmoidGrad",
  shape: sameShapes("sigmoidGrad"),
  saves: [0, 1],
  nan: "propagates",
  reference: (out, [dOut, y]) => {
    for (let i = 0; i < out.length; i++) out[i] = dOut[i] * (y[i] * (1 - y[i]));
  },
  simd: (out, [dOut, y], { shape }) => parallel("sigmoidGradZip", [out, dOut, y], sizeOf(shape), ELEMENTWISE_GRAIN),
  derivative: (d, { inputs: [dOut, y], needs }) => [
    needs[0] ? sigmoidGrad(d, y) : null,
    needs[1] ? mul(mul(d, dOut), sub(1, mul(y, 2))) : null,
  ],
};

export const sigmoidGrad = (dOut: Tensor, y: Tensor): Tensor => apply(sigmoidGradOp, [dOut, y], null);
