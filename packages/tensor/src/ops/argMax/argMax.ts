import { apply } from "../../apply.ts";
import { ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { formatShape, reducedShape, resolveAxis } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { forEachLine } from "../softmax/lines.ts";

interface ArgMax {
  readonly axis: number;
  readonly keepDims: boolean;
}

export const argMaxOp: Primitive<ArgMax> = {
  kind: "primitive",
  name: "argMax",
  dtype: () => "i32",
  shape: ([x], { axis, keepDims }) => {
    if (x[axis] === 0) throw new ShapeError("argMax", `axis ${axis} of ${formatShape(x)} has no elements. It needs at least one.`, [x]);
    return reducedShape(x, [axis], keepDims);
  },
  saves: [],
  nan: "compares",
  reference: (out, [x], { shapes: [shape], attrs: { axis } }) => {
    let output = 0;
    forEachLine(shape, axis, ({ start, step, count }) => {
      let best = 0;
      let max = x[start];
      for (let i = 1, p = start + step; i < count; i++, p += step) {
        // The first NaN wins over any number, and stays.
        if (x[p] > max || (Number.isNaN(x[p]) && !Number.isNaN(max))) {
          best = i;
          max = x[p];
        }
      }
      out[output++] = best;
    });
  },
  derivative: { refuse: "its result is an index" },
};

/**
 * Index of the largest number along an axis, as i32: the first of several equal ones, and the first NaN before any number
 * (as PyTorch and NumPy).
 *
 * @param x at least one axis
 * @throws ArgumentError for an axis that does not exist; ShapeError for an axis of size 0
 * @example
 * import { argMax, tensor } from "@llr/tensor";
 * argMax(tensor([[1, 5, 2], [7, 0, 7]])).toArray() // => [1, 0]
 */
export const argMax = (x: Tensor, { axis = -1, keepDims = false }: { axis?: number; keepDims?: boolean } = {}): Tensor =>
  apply(argMaxOp, [x], { axis: resolveAxis("argMax", axis, x.shape.length), keepDims });
