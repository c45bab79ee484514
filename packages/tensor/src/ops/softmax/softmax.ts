import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import { resolveAxis } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { mul } from "../elementwise/mul.ts";
import { sub } from "../elementwise/sub.ts";
import { sum } from "../reduce/sum.ts";
import { forEachLine, logSumExpParts } from "./lines.ts";
import { lastAxis } from "./rowsSimd.ts";

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
  // dx = y * (dOut - sum(dOut * y)): the rows of the Jacobian diag(y) - y y^T.
  derivative: (dOut, { output, attrs: { axis } }) => [mul(output, sub(dOut, sum(mul(dOut, output), { axes: axis, keepDims: true })))],
};

/**
 * e^x / sum(e^x) along an axis. The maximum is subtracted first, so any finite input is safe.
 *
 * @param x at least one axis
 * @example
 * import { softmax, tensor } from "@llr/tensor";
 * softmax(tensor([1000, 1000])).toArray() // => [0.5, 0.5]
 */
export const softmax = (x: Tensor, { axis = -1 }: { axis?: number } = {}): Tensor =>
  apply(softmaxOp, [x], { axis: resolveAxis("softmax", axis, x.shape.length) });
