import { apply } from "../../apply.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../errors.ts";
import { optionsOf } from "../../options.ts";
import { formatShape } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { gatherOp } from "./gather.ts";
import { checkIndices } from "./indices.ts";

/**
 * The row of the table for each token. The gradient of a row is the sum over all places where its token stands, added up
 * in their order; the row `paddingIdx` gets none.
 *
 * @param weight [tokens, features]
 * @param tokens i32 in [0, tokens) of any shape
 * @param paddingIdx token that stands for nothing: its row is never trained; a negative one counts from the end
 * @returns [...tokens.shape, features]
 * @throws ArgumentError for a token outside the table
 * @example
 * import { embedding, tensor } from "@llr/tensor";
 * const table = tensor([[0, 0], [1, 2], [3, 4]]);
 * embedding(table, tensor(Int32Array.of(2, 1))).toArray() // => [3, 4, 1, 2]
 * embedding(table, tensor(Int32Array.of(3))) // throws token 3 at position 0 is outside [0, 3)
 */
export function embedding(weight: Tensor, tokens: Tensor, options: { readonly paddingIdx?: number | null } = {}): Tensor {
  const { paddingIdx = null } = optionsOf("embedding", options);
  checkTensor("embedding", weight);
  checkTensor("embedding", tokens);
  if (weight.shape.length !== 2) throw new ShapeError("embedding", `the weight is ${formatShape(weight.shape)}. It needs a row for each token, [tokens, features].`, [weight.shape, tokens.shape]);
  if (tokens.dtype !== "i32") throw new DTypeError("embedding", `the tokens have the element type ${tokens.dtype}. They must be i32: an Int32Array, or { dtype: "i32" }.`);
  const [size] = weight.shape;
  if (paddingIdx !== null && !(Number.isInteger(paddingIdx) && paddingIdx >= -size && paddingIdx < size))
    throw new ArgumentError("embedding", `paddingIdx is ${paddingIdx}. It must be a whole number in [${-size}, ${size}).`);
  checkIndices("embedding", tokens, size, 0, "token");
  return apply(gatherOp, [weight, tokens], { axis: 0, constant: paddingIdx !== null && paddingIdx < 0 ? paddingIdx + size : paddingIdx });
}
