import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { mul } from "../elementwise/mul.ts";
import type { ReduceOptions, Reduction } from "./reduction.ts";
import { countOf, resolveReduction, scaledSum, spread } from "./reduction.ts";

export const meanOp: Primitive<Reduction> = scaledSum("mean", (count) => 1 / count, (dOut, { inputs: [x], attrs }) => [
  spread(mul(dOut, 1 / countOf(x.shape, attrs.axes)), x.shape, attrs.axes),
]);

/**
 * Mean over axes, added up in double precision and rounded once. Over no elements it is NaN.
 *
 * @throws ArgumentError for an axis that does not exist or is named twice
 * @example
 * import { mean, tensor } from "@llr/tensor";
 * mean(tensor([[1, 2], [3, 6]]), { axes: 1, keepDims: true }).shape // => [2, 1]
 * mean(tensor([[1, 2], [3, 6]])).item() // => 3
 */
export const mean = (x: Tensor, options: ReduceOptions = {}): Tensor => apply(meanOp, [x], resolveReduction("mean", x, options));
