import { ShapeError } from "../../errors.ts";
import { optionsOf } from "../../options.ts";
import { formatShape, resolveAxes } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { reshape } from "./reshape.ts";

/**
 * The same numbers without the named axes, which must have size 1, without a copy. Default: without all axes of size 1.
 *
 * @throws ShapeError if a named axis has another size (PyTorch leaves it in silently)
 * @example
 * import { squeeze, tensor } from "@llr/tensor";
 * squeeze(tensor([[[1], [2]]])).shape // => [2]
 * squeeze(tensor([[1, 2]]), { axes: [1] }) // throws axis 1 of [1, 2] has size 2
 */
export function squeeze(x: Tensor, options: { readonly axes?: number | readonly number[] | null } = {}): Tensor {
  const { axes = null } = optionsOf("squeeze", options);
  checkTensor("squeeze", x);
  const { shape } = x;
  const gone = resolveAxes("squeeze", axes, shape.length).filter((axis) => axes !== null || shape[axis] === 1);
  for (const axis of gone) if (shape[axis] !== 1) throw new ShapeError("squeeze", `axis ${axis} of ${formatShape(shape)} has size ${shape[axis]}. Only axes of size 1 can be left out.`, [shape]);
  return reshape(x, shape.filter((_, axis) => !gone.includes(axis)));
}
