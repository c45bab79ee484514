import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { sumTo } from "../reduce/sumTo.ts";
import type { Operand } from "./binary.ts";
import { applyBinary, binary } from "./binary.ts";
import { binarySimd } from "./binarySimd.ts";
import { neg } from "./neg.ts";

export const subOp: Primitive<null> = binary({
  name: "sub",
  f: (a, b) => a - b,
  simd: binarySimd("sub", "subFrom"),
  saves: [],
  derivative: (dOut, { inputs: [a, b], needs }) => [
    needs[0] ? sumTo(dOut, a.shape) : null,
    needs[1] ? sumTo(neg(dOut), b.shape) : null,
  ],
});

/**
 * a - b, elementwise with broadcasting.
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError unless both are f32 or both f64
 * @example
 * import { sub, tensor } from "@llr/tensor";
 * sub(1, tensor([1, 2])).toArray() // => [0, -1]
 */
export const sub = (a: Operand, b: Operand): Tensor => applyBinary(subOp, a, b);
