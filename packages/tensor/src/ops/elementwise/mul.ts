import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { sumTo } from "../reduce/sumTo.ts";
import type { Operand } from "./binary.ts";
import { applyBinary, binary } from "./binary.ts";
import { binarySimd } from "./binarySimd.ts";

export const mulOp: Primitive<null> = binary({
  name: "mul",
  f: (a, b) => a * b,
  simd: binarySimd("mul", "mul"),
  saves: [0, 1],
  derivative: (dOut, { inputs: [a, b], needs }) => [
    needs[0] ? sumTo(mul(dOut, b), a.shape) : null,
    needs[1] ? sumTo(mul(dOut, a), b.shape) : null,
  ],
});

/**
 * a * b, elementwise with broadcasting. (The product of matrices is `matmul`.)
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError unless both are f32 or both f64
 * @example
 * import { mul, tensor } from "@llr/tensor";
 * mul(tensor([[1], [2]]), tensor([3, 4])).toArray() // => [3, 4, 6, 8]
 */
export const mul = (a: Operand, b: Operand): Tensor => applyBinary(mulOp, a, b);
