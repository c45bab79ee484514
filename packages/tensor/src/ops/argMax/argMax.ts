import { apply } from "../../apply.ts";
import { ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { formatShape, offsets, reducedShape, resolveAxis, stridesOf } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";

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
    const strides = stridesOf(shape);
    const others = shape.map((_, i) => i).filter((i) => i !== axis);
    const starts = offsets(others.map((i) => shape[i]), others.map((i) => strides[i]));
    for (let o = 0; o < out.length; o++) {
      let best = 0;
      for (let i = 1; i < shape[axis]; i++) {
        const candidate = x[starts[o] + i * strides[axis]];
        const current = x[starts[o] + best * strides[axis]];
        // The first NaN wins over any number.
        if (candidate > current || (Number.isNaN(candidate) && !Number.isNaN(current))) best = i;
      }
      out[o] = best;
    }
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
