import { apply } from "../../apply.ts";
import type { DType } from "../../dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { checkList, optionsOf } from "../../options.ts";
import { formatShape, resolveAxis, sizeOf } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { copyRun } from "../slice/runs.ts";
import { slice } from "../slice/slice.ts";

export const concatOp: Primitive<{ readonly axis: number }> = {
  kind: "primitive",
  name: "concat",
  dtype: (dtypes) => oneDType("concat", dtypes),
  shape: (shapes, { axis }) => {
    const [first] = shapes;
    for (const shape of shapes.slice(1))
      if (shape.length !== first.length || shape.some((n, i) => i !== axis && n !== first[i]))
        throw new ShapeError("concat", `shapes ${formatShape(first)} and ${formatShape(shape)} cannot be joined along axis ${axis}. All sizes but that of axis ${axis} must be equal.`, shapes);
    return first.map((n, i) => (i === axis ? shapes.reduce((total, shape) => total + shape[axis], 0) : n));
  },
  saves: [],
  nan: "propagates",
  reference: (out, inputs, { shapes, shape, attrs: { axis } }) => {
    const outer = sizeOf(shape.slice(0, axis));
    const blocks = shapes.map((s) => sizeOf(s.slice(axis)));
    for (let o = 0, to = 0; o < outer; o++)
      for (let i = 0; i < inputs.length; to += blocks[i++]) copyRun(out, to, inputs[i], o * blocks[i], blocks[i]);
  },
  derivative: (dOut, { inputs, attrs: { axis }, needs }) => {
    let end = 0;
    return inputs.map((x, i) => {
      const start = end;
      end += x.shape[axis];
      return needs[i] ? slice(dOut, { starts: [start], ends: [end], axes: [axis] }) : null;
    });
  },
};

/** Any dtype, but the same for all. */
export function oneDType(op: string, dtypes: readonly DType[]): DType {
  if (dtypes.some((dtype) => dtype !== dtypes[0])) throw new DTypeError(op, `inputs have the element types ${dtypes.join(", ")}. They must be equal; nothing is converted silently.`);
  return dtypes[0];
}

/**
 * Joins tensors along an axis that they have.
 *
 * @param tensors at least one; of one dtype, with equal sizes except along the axis
 * @throws ShapeError if other sizes differ; ArgumentError for an axis that does not exist
 * @example
 * import { concat, tensor } from "@llr/tensor";
 * concat([tensor([[1, 2]]), tensor([[3, 4]])], { axis: 1 }).toArray() // => [1, 2, 3, 4]
 * concat([tensor([1]), tensor([[2]])]) // throws shapes [1] and [1, 1] cannot be joined along axis 0
 */
export function concat(tensors: readonly Tensor[], options: { readonly axis?: number } = {}): Tensor {
  const { axis = 0 } = optionsOf("concat", options);
  checkList("concat", "tensors", tensors);
  for (const t of tensors as readonly unknown[]) checkTensor("concat", t);
  if (tensors.length === 0) throw new ArgumentError("concat", "no tensors. It needs at least one.");
  return apply(concatOp, tensors, { axis: resolveAxis("concat", axis, tensors[0].shape.length) });
}
