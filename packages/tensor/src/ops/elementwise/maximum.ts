import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { equal, less } from "../compare/compare.ts";
import { oneDType } from "../concat/concat.ts";
import { sumTo } from "../reduce/sumTo.ts";
import { where } from "../where/where.ts";
import type { Operand } from "./binary.ts";
import { applyBinary, binary } from "./binary.ts";
import { mul } from "./mul.ts";

/** All of the gradient where this operand wins, half of it in a tie, none where it loses. */
const share = (dOut: Tensor, isTie: Tensor, loses: Tensor): Tensor => where(isTie, mul(dOut, 0.5), where(loses, 0, dOut));

export const maximumOp: Primitive<null> = binary({
  name: "maximum",
  dtype: (dtypes) => oneDType("maximum", dtypes),
  f: Math.max,
  saves: [0, 1],
  derivative: (dOut, { inputs: [a, b], needs }) => [needs[0] ? sumTo(share(dOut, equal(a, b), less(a, b)), a.shape) : null, needs[1] ? sumTo(share(dOut, equal(a, b), less(b, a)), b.shape) : null],
});

export const minimumOp: Primitive<null> = binary({
  name: "minimum",
  dtype: (dtypes) => oneDType("minimum", dtypes),
  f: Math.min,
  saves: [0, 1],
  derivative: (dOut, { inputs: [a, b], needs }) => [needs[0] ? sumTo(share(dOut, equal(a, b), less(b, a)), a.shape) : null, needs[1] ? sumTo(share(dOut, equal(a, b), less(a, b)), b.shape) : null],
});

/**
 * The larger of a and b, elementwise with broadcasting; NaN if either is. The gradient goes to the larger one, half to each
 * where they are equal, as PyTorch.
 *
 * Whole numbers and truth values compare too: of bool, the larger one is "or".
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError unless both have one element type
 * @example
 * import { maximum, tensor } from "@llr/tensor";
 * maximum(tensor([1, 5, NaN]), 2).toArray() // => [2, 5, NaN]
 * maximum(tensor(Int32Array.of(1, 5)), 2).toArray() // => [2, 5]
 */
export const maximum = (a: Operand, b: Operand): Tensor => applyBinary(maximumOp, a, b);

/** The smaller of a and b; NaN, ties, broadcasting and element types as {@link maximum}. */
export const minimum = (a: Operand, b: Operand): Tensor => applyBinary(minimumOp, a, b);
