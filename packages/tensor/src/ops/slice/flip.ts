import { apply } from "../../apply.ts";
import { optionsOf } from "../../options.ts";
import { resolveAxes } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { sliceOp } from "./slice.ts";

/**
 * The entries in reverse order along the axes. Default: along all.
 *
 * @param x any dtype
 * @throws ArgumentError for an axis that does not exist or is named twice
 * @example
 * import { flip, tensor } from "@llr/tensor";
 * flip(tensor([[1, 2], [3, 4]]), { axes: [1] }).toArray() // => [2, 1, 4, 3]
 */
export function flip(x: Tensor, options: { readonly axes?: number | readonly number[] | null } = {}): Tensor {
  const { axes = null } = optionsOf("flip", options);
  checkTensor("flip", x);
  const attrs = { starts: x.shape.map(() => 0), steps: x.shape.map(() => 1), counts: x.shape };
  for (const axis of resolveAxes("flip", axes, x.shape.length)) {
    attrs.starts[axis] = Math.max(0, x.shape[axis] - 1);
    attrs.steps[axis] = -1;
  }
  return apply(sliceOp, [x], attrs);
}
