import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import { reducedShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { mul } from "../elementwise/mul.ts";
import { reshape } from "../shape/reshape.ts";
import { transpose } from "../shape/transpose.ts";
import { softmax } from "../softmax/softmax.ts";
import type { ReduceOptions, Reduction } from "./reduction.ts";
import { countOf, resolveReduction, spread, walk } from "./reduction.ts";

export const logSumExpOp: Primitive<Reduction> = {
  kind: "primitive",
  name: "logSumExp",
  shape: ([x], { axes, keepDims }) => reducedShape(x, axes, keepDims),
  saves: [0],
  nan: "propagates",
  reference: (out, [x], { shapes: [shape], attrs: { axes } }) => {
    const { starts, terms } = walk(shape, axes);
    for (let o = 0; o < starts.length; o++) {
      let max = -Infinity;
      for (let i = 0; i < terms.length; i++) max = Math.max(max, x[starts[o] + terms[i]]);
      let total = 0;
      for (let i = 0; i < terms.length; i++) total += Math.exp(x[starts[o] + terms[i]] - max);
      out[o] = Number.isFinite(max) ? Math.log(total) + max : max; // infinite: the difference above was NaN
    }
  },
  derivative: (dOut, { inputs: [x], attrs: { axes } }) => [mul(spread(dOut, x.shape, axes), softmaxOver(x, axes))],
};

/** Softmax over several axes: they are moved to the end and taken as one. */
function softmaxOver(x: Tensor, axes: readonly number[]): Tensor {
  const order = [...x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis)), ...axes];
  const moved = transpose(x, order);
  const count = countOf(x.shape, axes);
  const chances = softmax(reshape(moved, [count === 0 ? 0 : x.size / count, count]));
  return transpose(reshape(chances, moved.shape), x.shape.map((_, axis) => order.indexOf(axis)));
}

/**
 * log(sum(e^x)) over axes; the largest number is taken out first, so that nothing overflows. -Infinity over no elements.
 * Derivative softmax(x).
 *
 * @throws ArgumentError for an axis that does not exist or is named twice
 * @example
 * import { logSumExp, tensor } from "@llr/tensor";
 * logSumExp(tensor([1000, 1000])).item() // => 1000.69
 */
export const logSumExp = (x: Tensor, options: ReduceOptions = {}): Tensor => apply(logSumExpOp, [x], resolveReduction("logSumExp", x, options));
