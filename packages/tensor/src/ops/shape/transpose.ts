import { apply } from "../../apply.ts";
import { ArgumentError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { checkList } from "../../options.ts";
import { offsets, stridesOf } from "../../shape.ts";
import { shapeOf, type Tensor } from "../../tensor.ts";

export const transposeOp: Primitive<{ readonly perm: readonly number[] }> = {
  kind: "primitive",
  name: "transpose",
  dtype: ([x]) => x,
  shape: ([x], { perm }) => {
    checkList("transpose", "perm", perm);
    if (perm.length !== x.length || perm.some((_, axis) => !perm.includes(axis)))
      throw new ArgumentError("transpose", `perm [${perm.join(", ")}] is no permutation of the ${x.length} axes of [${x.join(", ")}]. It lists each axis once.`);
    return perm.map((axis) => x[axis]);
  },
  saves: [],
  nan: "propagates",
  reference: (out, [x], { shapes, shape, attrs: { perm } }) => {
    const strides = stridesOf(shapes[0]);
    const from = offsets(shape, perm.map((axis) => strides[axis]));
    for (let i = 0; i < out.length; i++) out[i] = x[from[i]];
  },
  derivative: (dOut, { attrs: { perm } }) => [transpose(dOut, perm.map((_, axis) => perm.indexOf(axis)))],
};

/**
 * Reorders the axes: axis i of the result is axis perm[i] of the input. Default: reversed. The numbers are copied;
 * `matmul` reads transposed operands without that.
 *
 * @throws ArgumentError if perm is no permutation of the axes
 * @example
 * import { tensor, transpose } from "@llr/tensor";
 * transpose(tensor([[1, 2, 3], [4, 5, 6]])).toArray() // => [1, 4, 2, 5, 3, 6]
 */
export const transpose = (x: Tensor, perm: readonly number[] = shapeOf("transpose", x).map((_, axis) => x.shape.length - 1 - axis)): Tensor =>
  apply(transposeOp, [x], { perm });
