import { ArgumentError, ShapeError } from "../../errors.ts";
import { checkList, optionsOf } from "../../options.ts";
import { formatShape, resolveAxis, sameShape } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { unsqueeze } from "../shape/unsqueeze.ts";
import { concat } from "./concat.ts";

/**
 * Joins tensors of one shape along a new axis.
 *
 * @param axis of the result; the last is -1
 * @throws ShapeError if the shapes differ
 * @example
 * import { stack, tensor } from "@llr/tensor";
 * stack([tensor([1, 2]), tensor([3, 4])]).toArray() // => [1, 2, 3, 4]
 * stack([tensor([1, 2]), tensor([3, 4])], { axis: 1 }).toArray() // => [1, 3, 2, 4]
 */
export function stack(tensors: readonly Tensor[], options: { readonly axis?: number } = {}): Tensor {
  const { axis = 0 } = optionsOf("stack", options);
  checkList("stack", "tensors", tensors);
  for (const t of tensors as readonly unknown[]) checkTensor("stack", t);
  if (tensors.length === 0) throw new ArgumentError("stack", "no tensors. It needs at least one.");
  const { shape } = tensors[0];
  for (const t of tensors)
    if (!sameShape(t.shape, shape)) throw new ShapeError("stack", `shapes ${formatShape(shape)} and ${formatShape(t.shape)} differ. All must be equal; concat joins along an axis of different sizes.`, tensors.map((s) => s.shape));
  const along = resolveAxis("stack", axis, shape.length + 1);
  return concat(tensors.map((t) => unsqueeze(t, [along])), { axis: along });
}
