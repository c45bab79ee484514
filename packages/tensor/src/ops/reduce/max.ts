import { apply } from "../../apply.ts";
import { zeros } from "../../create.ts";
import { ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, reducedShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { mul } from "../elementwise/mul.ts";
import type { ReduceOptions, Reduction } from "./reduction.ts";
import { countOf, resolveReduction, spread, walk } from "./reduction.ts";

/** Of no elements there is no largest; where there are no results either, nothing is asked. */
function shapeOfSome(name: string, x: Shape, { axes, keepDims }: Reduction): Shape {
  if (countOf(x, axes) === 0) throw new ShapeError(name, `the axes [${axes.join(", ")}] of ${formatShape(x)} have no elements. It needs at least one.`, [x]);
  return reducedShape(x, axes, keepDims);
}

function extreme(name: string, better: (a: number, b: number) => number, worst: number): Primitive<Reduction> {
  return {
    kind: "primitive",
    name,
    dtype: ([x]) => x,
    shape: ([x], attrs) => shapeOfSome(name, x, attrs),
    saves: [0, "output"],
    nan: "propagates",
    reference: (out, [x], { shapes: [shape], attrs: { axes } }) => {
      const { starts, terms } = walk(shape, axes);
      for (let o = 0; o < starts.length; o++) {
        let best = worst;
        for (let i = 0; i < terms.length; i++) best = better(best, x[starts[o] + terms[i]]);
        out[o] = best;
      }
    },
    derivative: (dOut, { inputs: [x], output, attrs }) => [mul(spread(dOut, x.shape, attrs.axes), apply(shareOp, [x, output], attrs))],
  };
}

export const maxOp: Primitive<Reduction> = extreme("max", Math.max, -Infinity);
export const minOp: Primitive<Reduction> = extreme("min", Math.min, Infinity);

/** 1 / (number of winners) at each element that equals its result, else 0; NaN throughout where the result is NaN. Constant. */
export const shareOp: Primitive<Reduction> = {
  kind: "primitive",
  name: "share",
  shape: ([x]) => x,
  saves: [],
  nan: "propagates",
  reference: (out, [x, result], { shapes: [shape], attrs: { axes } }) => {
    const { starts, terms } = walk(shape, axes);
    for (let o = 0; o < starts.length; o++) {
      let winners = 0;
      for (let i = 0; i < terms.length; i++) if (x[starts[o] + terms[i]] === result[o]) winners++;
      for (let i = 0; i < terms.length; i++) out[starts[o] + terms[i]] = (x[starts[o] + terms[i]] === result[o] ? 1 : 0) / winners;
    }
  },
  derivative: (_, { inputs }) => inputs.map(({ shape, dtype }) => zeros(shape, { dtype })),
};

/**
 * The largest number over axes; NaN if one is. The gradient is split evenly between equal largest ones, as PyTorch's `amax`.
 *
 * @param x any dtype
 * @throws ShapeError if there are no elements to choose from; ArgumentError for an axis that does not exist or is named twice
 * @example
 * import { max, tensor } from "@llr/tensor";
 * max(tensor([[1, 5, 2], [7, 0, 7]]), { axes: 1 }).toArray() // => [5, 7]
 */
export const max = (x: Tensor, options: ReduceOptions = {}): Tensor => apply(maxOp, [x], resolveReduction("max", x, options));

/** The smallest number over axes; NaN, ties and errors as {@link max}. */
export const min = (x: Tensor, options: ReduceOptions = {}): Tensor => apply(minOp, [x], resolveReduction("min", x, options));
