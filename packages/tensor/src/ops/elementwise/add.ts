import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { sumTo } from "../reduce/sumTo.ts";
import type { Operand } from "./binary.ts";
import { applyBinary, binary } from "./binary.ts";
import { binarySimd } from "./binarySimd.ts";

export const addOp: Primitive<null> = binary({
  name: "add",
  f: (a, b) => a + b,
  simd: binarySimd("add", "add"),
  saves: [],
  derivative: (dOut, { inputs: [a, b], needs }) => [
    needs[0] ? sumTo(dOut, a.shape) : null,
    needs[1] ? sumTo(dOut, b.shape) : null,
  ],
});

/**
 * a + b, elementwise with broadcasting: aligned at the last axis, sizes are equal or one of them is 1.
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError unless both are f32 or both f64
 * @example
 * import { add, tensor } from "@llr/tensor";
 * add(tensor([[1, 2], [3, 4]]), tensor([10, 20])).toArray() // => [11, 22, 13, 24]
 * add(tensor([1, 2]), tensor([1, 2, 3])) // throws shapes [2] and [3] do not broadcast
 */
export const add = (a: Operand, b: Operand): Tensor => applyBinary(addOp, a, b);
