import { apply } from "../../apply.ts";
import { ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { formatShape, reducedShape, resolveAxis } from "../../shape.ts";
import { shapeOf, type Tensor } from "../../tensor.ts";
import { forEachLine } from "../softmax/lines.ts";

export interface ArgMax {
  readonly axis: number;
  readonly keepDims: boolean;
}

/** `better`: whether a number comes before the best so far. */
const argExtreme = (name: string, better: (x: number, best: number) => boolean): Primitive<ArgMax> => ({
  kind: "primitive",
  name,
  dtype: () => "i32",
  shape: ([x], { axis, keepDims }) => {
    if (x[axis] === 0) throw new ShapeError(name, `axis ${axis} of ${formatShape(x)} has no elements. It needs at least one.`, [x]);
    return reducedShape(x, [axis], keepDims);
  },
  saves: [],
  nan: "compares",
  reference: (out, [x], { shapes: [shape], attrs: { axis } }) => {
    let output = 0;
    forEachLine(shape, axis, ({ start, step, count }) => {
      let best = 0;
      let found = x[start];
      for (let i = 1, p = start + step; i < count; i++, p += step) {
        // The first NaN wins over any number, and stays.
        if (better(x[p], found) || (Number.isNaN(x[p]) && !Number.isNaN(found))) {
          best = i;
          found = x[p];
        }
      }
      out[output++] = best;
    });
  },
  derivative: { refuse: "its result is an index" },
});

export const argMaxOp: Primitive<ArgMax> = argExtreme("argMax", (x, best) => x > best);
export const argMinOp: Primitive<ArgMax> = argExtreme("argMin", (x, best) => x < best);

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
export function argMax(x: Tensor, options: { axis?: number; keepDims?: boolean } = {}): Tensor {
  const { axis = -1, keepDims = false } = optionsOf("argMax", options);
  return apply(argMaxOp, [x], { axis: resolveAxis("argMax", axis, shapeOf("argMax", x).length), keepDims });
}

/** Index of the smallest number along an axis; ties, NaN and errors as {@link argMax}. */
export function argMin(x: Tensor, options: { axis?: number; keepDims?: boolean } = {}): Tensor {
  const { axis = -1, keepDims = false } = optionsOf("argMin", options);
  return apply(argMinOp, [x], { axis: resolveAxis("argMin", axis, shapeOf("argMin", x).length), keepDims });
}
