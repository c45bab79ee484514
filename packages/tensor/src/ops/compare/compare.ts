import type { DType } from "../../dtype.ts";
import { DTypeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import type { Operand } from "../elementwise/binary.ts";
import { applyBinary, binary } from "../elementwise/binary.ts";

/** Comparisons take two tensors of one dtype, any of the four, and give bool. Nothing compares equal to NaN. */
function comparison(name: string, f: (a: number, b: number) => boolean): Primitive<null> {
  const dtype = ([a, b]: readonly DType[]): DType => {
    if (a !== b) throw new DTypeError(name, `inputs have the element types ${a}, ${b}. They must be equal; nothing is converted silently.`);
    return "bool";
  };
  return binary({ name, f: (a, b) => Number(f(a, b)), saves: [], nan: "compares", dtype, derivative: { refuse: "its result is bool" } });
}

export const equalOp: Primitive<null> = comparison("equal", (a, b) => a === b);
export const notEqualOp: Primitive<null> = comparison("notEqual", (a, b) => a !== b);
export const lessOp: Primitive<null> = comparison("less", (a, b) => a < b);
export const lessEqualOp: Primitive<null> = comparison("lessEqual", (a, b) => a <= b);
export const greaterOp: Primitive<null> = comparison("greater", (a, b) => a > b);
export const greaterEqualOp: Primitive<null> = comparison("greaterEqual", (a, b) => a >= b);

/**
 * a === b, elementwise with broadcasting; the result is bool. NaN equals nothing, 0 equals -0.
 *
 * @example
 * import { equal, tensor } from "@llr/tensor";
 * equal(tensor([1, 2, NaN]), tensor([1, 3, NaN])).toArray() // => [1, 0, 0]
 */
export const equal = (a: Operand, b: Operand): Tensor => applyBinary(equalOp, a, b);
/** a !== b, elementwise with broadcasting. */
export const notEqual = (a: Operand, b: Operand): Tensor => applyBinary(notEqualOp, a, b);
/** a < b, elementwise with broadcasting. */
export const less = (a: Operand, b: Operand): Tensor => applyBinary(lessOp, a, b);
/** a <= b, elementwise with broadcasting. */
export const lessEqual = (a: Operand, b: Operand): Tensor => applyBinary(lessEqualOp, a, b);
/** a > b, elementwise with broadcasting. */
export const greater = (a: Operand, b: Operand): Tensor => applyBinary(greaterOp, a, b);
/** a >= b, elementwise with broadcasting. */
export const greaterEqual = (a: Operand, b: Operand): Tensor => applyBinary(greaterEqualOp, a, b);
