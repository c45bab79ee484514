import { ShapeError } from "../../errors.ts";
import { drop } from "../../scope.ts";
import { formatShape } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { add } from "../elementwise/add.ts";
import { matmul } from "./matmul.ts";

/**
 * y = x W^T + b over the last axis.
 *
 * @param x [..., in]
 * @param weight [out, in]
 * @param bias [out], or null for none
 * @returns [..., out]
 * @throws ShapeError if the shapes do not fit
 * @example
 * import { linear, tensor } from "@llr/tensor";
 * linear(tensor([1, 2]), tensor([[3, 4], [5, 6], [7, 8]]), tensor([0, 0, 100])).toArray() // => [11, 17, 123]
 * linear(tensor([1, 2, 3]), tensor([[3, 4]])) // throws x is [3], the weight is [1, 2]
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  checkTensor("linear", x);
  checkTensor("linear", weight);
  const [w, b] = [weight.shape, bias?.shape ?? null];
  const fits = w.length === 2 && x.shape.at(-1) === w[1] && (b === null || (b.length === 1 && b[0] === w[0]));
  if (!fits)
    throw new ShapeError("linear", `x is ${formatShape(x.shape)}, the weight is ${formatShape(w)}${b === null ? "" : `, the bias is ${formatShape(b)}`}. linear needs x [..., in], weight [out, in] and bias [out].`, [x.shape, w, ...(b === null ? [] : [b])]);
  const product = matmul(x, weight, { transposeB: true });
  if (bias === null) return product;
  const y = add(product, bias);
  drop(product);
  return y;
}
