import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { resolveAxis } from "../../shape.ts";
import { shapeOf, type Tensor } from "../../tensor.ts";
import { mul } from "../elementwise/mul.ts";
import { sameShapes } from "../elementwise/sameShapes.ts";
import { sub } from "../elementwise/sub.ts";
import { sum } from "../reduce/sum.ts";
import { forEachLine, logSumExpParts } from "./lines.ts";
import { lastAxis, lastAxisGrad } from "./rowsSimd.ts";

export const softmaxOp: Primitive<{ readonly axis: number }> = {
  kind: "primitive",
  name: "softmax",
  shape: ([x]) => x,
  saves: ["output"],
  nan: "propagates",
  reference: (out, [x], { shapes: [shape], attrs: { axis } }) =>
    forEachLine(shape, axis, (line) => {
      const { max, total } = logSumExpParts(x, line);
      for (let i = 0, p = line.start; i < line.count; i++, p += line.step) out[p] = Math.exp(x[p] - max) / total;
    }),
  simd: lastAxis("softmaxRows"),
  derivative: (dOut, { output, attrs }) => [apply(softmaxGradOp, [dOut, output], attrs)],
};

/**
 * e^x / sum(e^x) along an axis. The maximum is subtracted first, so any finite input is safe.
 *
 * @param x at least one axis
 * @example
 * import { softmax, tensor } from "@llr/tensor";
 * softmax(tensor([1000, 1000])).toArray() // => [0.5, 0.5]
 */
export function softmax(x: Tensor, options: { axis?: number } = {}): Tensor {
  const { axis = -1 } = optionsOf("softmax", options);
  return apply(softmaxOp, [x], { axis: resolveAxis("softmax", axis, shapeOf("softmax", x).length) });
}

/**
 * y (dOut - sum(dOut y)) along an axis, from softmax's result y, in one pass: the Jacobian of a row is diag(y) - y y^T.
 * Symmetric, so it is its own derivative for dOut.
 */
export const softmaxGradOp: Primitive<{ readonly axis: number }> = {
  kind: "primitive",
  name: "softmaxGrad",
  shape: sameShapes("softmaxGrad"),
  saves: [0, 1],
  nan: "propagates",
  reference: (out, [dOut, y], { shape, attrs: { axis } }) =>
    forEachLine(shape, axis, ({ start, step, count }) => {
      let total = 0;
      for (let i = 0, p = start; i < count; i++, p += step) total += dOut[p] * y[p];
      for (let i = 0, p = start; i < count; i++, p += step) out[p] = y[p] * (dOut[p] - total);
    }),
  simd: lastAxisGrad("softmaxGradRows"),
  derivative: (d, { inputs: [dOut, y], needs, attrs }) => {
    const total = (t: Tensor): Tensor => sum(mul(t, y), { axes: attrs.axis, keepDims: true });
    return [
      needs[0] ? apply(softmaxGradOp, [d, y], attrs) : null,
      needs[1] ? sub(mul(d, sub(dOut, total(dOut))), mul(dOut, total(d))) : null,
    ];
  },
};
