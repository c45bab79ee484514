import { ArgumentError } from "../../errors.ts";
import { optionsOf } from "../../options.ts";
import { broadcastShapes, resolveAxis } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { clip } from "../elementwise/clip.ts";
import { div } from "../elementwise/div.ts";
import { mul } from "../elementwise/mul.ts";
import { norm } from "../reduce/norm.ts";
import { sum } from "../reduce/sum.ts";
import { broadcastTo } from "../shape/broadcastTo.ts";

/**
 * Cosine of the angle between vectors along an axis: a . b / (max(|a|, eps) max(|b|, eps)).
 *
 * @param b broadcasts against a
 * @param axis of the vectors in the broadcast shape; default 1
 * @returns the broadcast shape without the axis
 * @throws ShapeError if the shapes do not broadcast; ArgumentError for an axis that does not exist
 * @example
 * import { cosineSimilarity, tensor } from "@llr/tensor";
 * cosineSimilarity(tensor([[1, 0], [1, 1]]), tensor([[0, 2], [3, 3]])).toArray() // => [0, 1]
 */
export function cosineSimilarity(a: Tensor, b: Tensor, options: { readonly axis?: number; readonly eps?: number } = {}): Tensor {
  const { axis = 1, eps = 1e-8 } = optionsOf("cosineSimilarity", options);
  checkTensor("cosineSimilarity", a);
  checkTensor("cosineSimilarity", b);
  if (!(eps >= 0)) throw new ArgumentError("cosineSimilarity", `eps is ${eps}. It needs a number >= 0.`);
  const shape = broadcastShapes("cosineSimilarity", a.shape, b.shape);
  const axes = resolveAxis("cosineSimilarity", axis, shape.length);
  const [x, y] = [a, b].map((t) => {
    const whole = broadcastTo(t, shape);
    return div(whole, clip(norm(whole, { axes, keepDims: true }), { min: eps })); // of length 1 first: their product cannot overflow
  });
  return sum(mul(x, y), { axes });
}
