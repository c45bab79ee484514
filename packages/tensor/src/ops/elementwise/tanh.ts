import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import { sizeOf } from "../../shape.ts";
import { ELEMENTWISE_GRAIN } from "../../simd/grain.ts";
import { parallel } from "../../simd/parallel.ts";
import type { Tensor } from "../../tensor.ts";
import { mul } from "./mul.ts";
import { sameShapes } from "./sameShapes.ts";
import { unary } from "./unary.ts";

export const tanhOp: Primitive<null> = unary({
  name: "tanh",
  kernel: (out, x) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.tanh(x[i]);
  },
  simd: "tanhMap",
  saves: ["output"],
  derivative: (dOut, { output }) => [tanhGrad(dOut, output)],
});

/**
 * Hyperbolic tangent, elementwise. Derivative 1 - tanh(x)^2, from the result.
 *
 * @example
 * import { tanh, tensor } from "@llr/tensor";
 * tanh(tensor([0, 1])).toArray() // => [0, 0.76159]
 */
export const tanh = (x: Tensor): Tensor => apply(tanhOp, [x], null);

/** dOut (1 - y^2) from tanh's result y, in one pass. Linear in dOut; d/dy = -2 y dOut. */
export const tanhGradOp: Primitive<null> = {
  kind: "primitive",
  name: "tanhGrad",
  shape: sameShapes("tanhGrad"),
  saves: [0, 1],
  nan: "propagates",
  reference: (out, [dOut, y]) => {
    for (let i = 0; i < out.length; i++) out[i] = dOut[i] * (1 - y[i] * y[i]);
  },
  simd: (out, [dOut, y], { shape }) => parallel("tanhGradZip", [out, dOut, y], sizeOf(shape), ELEMENTWISE_GRAIN),
  derivative: (d, { inputs: [dOut, y], needs }) => [
    needs[0] ? tanhGrad(d, y) : null,
    needs[1] ? mul(mul(d, dOut), mul(y, -2)) : null,
  ],
};

export const tanhGrad = (dOut: Tensor, y: Tensor): Tensor => apply(tanhGradOp, [dOut, y], null);
