import { checkList } from "../../options.ts";
import { resolveAxes } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { reshape } from "./reshape.ts";

/**
 * The same numbers with new axes of size 1, without a copy.
 *
 * @param axes places of the new axes in the result; negative ones count from its end
 * @throws ArgumentError for a place outside the result or named twice
 * @example
 * import { tensor, unsqueeze } from "@llr/tensor";
 * unsqueeze(tensor([1, 2, 3]), [0, -1]).shape // => [1, 3, 1]
 */
export function unsqueeze(x: Tensor, axes: number | readonly number[]): Tensor {
  checkTensor("unsqueeze", x);
  if (typeof axes !== "number") checkList("unsqueeze", "axes", axes);
  const rank = x.shape.length + (typeof axes === "number" ? 1 : axes.length);
  const added = resolveAxes("unsqueeze", axes, rank);
  let next = 0;
  return reshape(x, Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : x.shape[next++])));
}
