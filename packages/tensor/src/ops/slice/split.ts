import { ArgumentError } from "../../errors.ts";
import { checkList, optionsOf } from "../../options.ts";
import { formatShape, resolveAxis } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { slice } from "./slice.ts";

/**
 * The parts of the given sizes along an axis, in order: the reverse of `concat`. Parts of the first axis are views.
 *
 * @param x any dtype
 * @param sizes whole numbers >= 0 whose sum is the size of the axis
 * @throws ArgumentError if the sizes do not add up to the axis
 * @example
 * import { split, tensor } from "@llr/tensor";
 * const [a, b] = split(tensor([[1, 2, 3], [4, 5, 6]]), { sizes: [1, 2], axis: 1 });
 * b.toArray() // => [2, 3, 5, 6]
 */
export function split(x: Tensor, options: { readonly sizes: readonly number[]; readonly axis?: number }): Tensor[] {
  const { sizes, axis = 0 } = optionsOf("split", options);
  checkList("split", "sizes", sizes);
  checkTensor("split", x);
  const along = resolveAxis("split", axis, x.shape.length);
  const total = sizes.reduce((a, b) => a + b, 0);
  if (total !== x.shape[along] || !sizes.every((n) => Number.isSafeInteger(n) && n >= 0))
    throw new ArgumentError("split", `sizes [${sizes.join(", ")}] along axis ${along} of ${formatShape(x.shape)}. They must be whole numbers >= 0 that add up to ${x.shape[along]}.`);
  let end = 0;
  return sizes.map((size) => slice(x, { starts: [end], ends: [(end += size)], axes: [along] }));
}
