import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { plain, predicate } from "./map.ts";

export const isNaNOp: Primitive<null> = predicate("isNaN", Number.isNaN);
export const isFiniteOp: Primitive<null> = predicate("isFinite", Number.isFinite);

/**
 * Whether each number is NaN; the result is bool.
 *
 * @example
 * import { isNaN, tensor } from "@llr/tensor";
 * isNaN(tensor([1, NaN, Infinity])).toArray() // => [0, 1, 0]
 */
export const isNaN: (x: Tensor) => Tensor = plain(isNaNOp);

/**
 * Whether each number is neither infinite nor NaN; the result is bool.
 *
 * @example
 * import { isFinite, tensor } from "@llr/tensor";
 * isFinite(tensor([1, NaN, Infinity])).toArray() // => [1, 0, 0]
 */
export const isFinite: (x: Tensor) => Tensor = plain(isFiniteOp);
