import { ArgumentError } from "../../errors.ts";
import { checkList } from "../../options.ts";
import { formatShape } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { broadcastTo } from "./broadcastTo.ts";
import { reshape } from "./reshape.ts";

/**
 * Repeats the whole tensor `reps[i]` times along axis i. More repetitions than axes put new axes in front.
 *
 * @param x any dtype
 * @param reps whole numbers >= 0, at least one for each axis
 * @throws ArgumentError if there are fewer repetitions than axes
 * @example
 * import { tensor, tile } from "@llr/tensor";
 * tile(tensor([1, 2]), [2]).toArray() // => [1, 2, 1, 2]
 * tile(tensor([1, 2]), [2, 1]).shape // => [2, 2]
 */
export function tile(x: Tensor, reps: readonly number[]): Tensor {
  checkTensor("tile", x);
  checkList("tile", "reps", reps);
  if (reps.length < x.shape.length || !reps.every((n) => Number.isSafeInteger(n) && n >= 0))
    throw new ArgumentError("tile", `reps [${reps.join(", ")}] for shape ${formatShape(x.shape)}. It needs a whole number >= 0 for each of the ${x.shape.length} axes.`);
  const shape = [...reps.slice(x.shape.length).map(() => 1), ...x.shape];
  // Beside each axis a new one that is stretched: [n] -> [1, n] -> [reps, n] -> [reps * n].
  const apart = reshape(x, shape.flatMap((n) => [1, n]));
  return reshape(broadcastTo(apart, shape.flatMap((n, axis) => [reps[axis], n])), shape.map((n, axis) => n * reps[axis]));
}
