import { ShapeError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { mul } from "../elementwise/mul.ts";
import { reshape } from "../shape/reshape.ts";

/**
 * out[i, j] = a[i] b[j].
 *
 * @param a [m]
 * @param b [n]
 * @returns [m, n]
 * @throws ShapeError unless both are vectors
 * @example
 * import { outer, tensor } from "@llr/tensor";
 * outer(tensor([1, 2]), tensor([3, 4, 5])).toArray() // => [3, 4, 5, 6, 8, 10]
 */
export function outer(a: Tensor, b: Tensor): Tensor {
  checkTensor("outer", a);
  checkTensor("outer", b);
  if (a.shape.length !== 1 || b.shape.length !== 1) throw new ShapeError("outer", `a is ${formatShape(a.shape)}, b is ${formatShape(b.shape)}. It needs two vectors, [m] and [n].`, [a.shape, b.shape]);
  return mul(reshape(a, [a.size, 1]), b);
}
