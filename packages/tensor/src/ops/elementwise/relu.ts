import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import { sizeOf } from "../../shape.ts";
import { ELEMENTWISE_GRAIN } from "../../simd/grain.ts";
import { parallel } from "../../simd/parallel.ts";
import type { Tensor } from "../../tensor.ts";
import { sameShapes } from "./sameShapes.ts";
import { unary } from "./unary.ts";

export const reluOp: Primitive<null> = unary({
  name: "relu",
  kernel: (out, x) => {
    // Math.max keeps NaN, and unlike a comparison it is not slowed down by signs that cannot be predicted.
    for (let i = 0; i < out.length; i++) out[i] = Math.max(x[i], 0);
  },
  simd: "reluMap",
  saves: ["output"],
  derivative: (dOut, { output }) => [reluGrad(dOut, output)],
});

/**
 * max(x, 0), elementwise. Derivative 1 where x > 0, else 0 (0 at x = 0, as PyTorch), read off the result.
 *
 * @example
 * import { relu, tensor } from "@llr/tensor";
 * relu(tensor([-1, 0, 2])).toArray() // => [0, 0, 2]
 */
export const relu = (x: Tensor): Tensor => apply(reluOp, [x], null);

/** dOut where relu's output is positive, else 0. Linear in dOut, so it is its own derivative; constant in the output. */
export const reluGradOp: Primitive<null> = {
  kind: "primitive",
  name: "reluGrad",
  shape: sameShapes("reluGrad"),
  saves: [1],
  nan: "propagates",
  reference: (out, [dOut, output]) => {
    for (let i = 0; i < out.length; i++) out[i] = output[i] <= 0 ? 0 : dOut[i];
  },
  simd: (out, [dOut, output], { shape }) => parallel("reluGradZip", [out, dOut, output], sizeOf(shape), ELEMENTWISE_GRAIN),
  derivative: (d, { inputs: [, output] }) => [reluGrad(d, output), null],
};

export const reluGrad = (dOut: Tensor, output: Tensor): Tensor => apply(reluGradOp, [dOut, output], null);
