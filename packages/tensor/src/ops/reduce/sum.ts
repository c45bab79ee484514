import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import type { ReduceOptions, Reduction } from "./reduction.ts";
import { resolveReduction, scaledSum, spread } from "./reduction.ts";

export const sumOp: Primitive<Reduction> = scaledSum("sum", () => 1, (dOut, { inputs: [x], attrs }) => [spread(dOut, x.shape, attrs.axes)]);

/**
 * Sum over axes, added up in double precision. Over no elements it is 0.
 *
 * @throws ArgumentError for an axis that does not exist or is named twice
 * @example
 * import { sum, tensor } from "@llr/tensor";
 * sum(tensor([[1, 2], [3, 4]])).item() // => 10
 * sum(tensor([[1, 2], [3, 4]]), { axes: 0 }).toArray() // => [4, 6]
 */
export const sum = (x: Tensor, options: ReduceOptions = {}): Tensor => apply(sumOp, [x], resolveReduction("sum", x, options));
