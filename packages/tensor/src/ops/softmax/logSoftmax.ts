import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { resolveAxis } from "../../shape.ts";
import { shapeOf, type Tensor } from "../../tensor.ts";
import { exp } from "../elementwise/exp.ts";
import { mul } from "../elementwise/mul.ts";
import { neg } from "../elementwise/neg.ts";
import { sameShapes } from "../elementwise/sameShapes.ts";
import { sub } from "../elementwise/sub.ts";
import { sum } from "../reduce/sum.ts";
import { forEachLine, logSumExpParts } from "./lines.ts";
import { lastAxis, lastAxisGrad } from "./rowsSimd.ts";

export const logSoftmaxOp: Primitive<{ readonly axis: number }> = {
  kind: "primitive",
  name: "logSoftmax",
  shape: ([x]) => x,
  saves: ["output"],
  nan: "propagates",
  reference: (out, [x], { shapes: [shape], attrs: { axis } }) =>
    forEachLine(shape, axis, (line) => {
      const { max, total } = logSumExpParts(x, line);
      const logTotal = Math.log(total);
      for (let i = 0, p = line.start; i < line.count; i++, p += line.step) out[p] = x[p] - max - logTotal;
    }),
  simd: lastAxis("logSoftmaxRows"),
  derivative: (dOut, { output, attrs }) => [apply(logSoftmaxGradOp, [dOut, output], attrs)],
};

/**
 * log(softmax(x)) along an axis, without the overflow and the lost digits of taking the logarithm afterwards.
 *
 * @param x at least one axis
 * @example
 * import { logSoftmax, tensor } from "@llr/tensor";
 * logSoftmax(tensor([0, 1000])).toArray() // => [-1000, 0]
 */
export function logSoftmax(x: Tensor, options: { axis?: number } = {}): Tensor {
  const { axis = -1 } = optionsOf("logSoftmax", options);
  return apply(logSoftmaxOp, [x], { axis: resolveAxis("logSoftmax", axis, shapeOf("logSoftmax", x).length) });
}

/** dOut - e^y sum(dOut) along an axis, from logSoftmax's result y, in one pass. */
export const logSoftmaxGradOp: Primitive<{ readonly axis: number }> = {
  kind: "primitive",
  name: "logSoftmaxGrad",
  shape: sameShapes("logSoftmaxGrad"),
  saves: [0, 1],
  nan: "propagates",
  reference: (out, [dOut, y], { shape, attrs: { axis } }) =>
    forEachLine(shape, axis, ({ start, step, count }) => {
      let total = 0;
      for (let i = 0, p = start; i < count; i++, p += step) total += dOut[p];
      for (let i = 0, p = start; i < count; i++, p += step) out[p] = dOut[p] - Math.exp(y[p]) * total;
    }),
  simd: lastAxisGrad("logSoftmaxGradRows"),
  derivative: (d, { inputs: [dOut, y], needs, attrs: { axis } }) => {
    const total = (t: Tensor): Tensor => sum(t, { axes: axis, keepDims: true });
    const weighted = mul(d, exp(y));
    return [needs[0] ? sub(d, total(weighted)) : null, needs[1] ? neg(mul(weighted, total(dOut))) : null];
  },
};
