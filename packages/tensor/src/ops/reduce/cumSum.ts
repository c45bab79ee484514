import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { resolveAxis } from "../../shape.ts";
import { shapeOf, type Tensor } from "../../tensor.ts";
import { forEachLine } from "../softmax/lines.ts";

interface Running {
  readonly axis: number;
  /** From the end. */
  readonly reverse: boolean;
}

/** Its transpose runs the other way. */
export const cumSumOp: Primitive<Running> = {
  kind: "primitive",
  name: "cumSum",
  shape: ([x]) => x,
  saves: [],
  nan: "propagates",
  reference: (out, [x], { shape, attrs: { axis, reverse } }) =>
    forEachLine(shape, axis, ({ start, step, count }) => {
      let total = 0;
      for (let i = 0; i < count; i++) {
        const p = start + step * (reverse ? count - 1 - i : i);
        total += x[p];
        out[p] = total;
      }
    }),
  derivative: (dOut, { attrs: { axis, reverse } }) => [apply(cumSumOp, [dOut], { axis, reverse: !reverse })],
};

/**
 * Running sums along an axis, added up in double precision. The derivative is the running sum from the end.
 *
 * @param x at least one axis
 * @throws ArgumentError for an axis that does not exist
 * @example
 * import { cumSum, tensor } from "@llr/tensor";
 * cumSum(tensor([[1, 2, 3], [4, 5, 6]]), { axis: 1 }).toArray() // => [1, 3, 6, 4, 9, 15]
 */
export function cumSum(x: Tensor, options: { readonly axis?: number } = {}): Tensor {
  const { axis = -1 } = optionsOf("cumSum", options);
  return apply(cumSumOp, [x], { axis: resolveAxis("cumSum", axis, shapeOf("cumSum", x).length), reverse: false });
}
