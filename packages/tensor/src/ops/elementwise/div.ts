import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { sumTo } from "../reduce/sumTo.ts";
import type { Operand } from "./binary.ts";
import { applyBinary, binary } from "./binary.ts";
import { binarySimd } from "./binarySimd.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";

export const divOp: Primitive<null> = binary({
  name: "div",
  f: (a, b) => a / b,
  simd: binarySimd("div", "divInto"),
  saves: [0, 1],
  derivative: (dOut, { inputs: [a, b], needs }) => [
    needs[0] ? sumTo(div(dOut, b), a.shape) : null,
    needs[1] ? sumTo(neg(div(mul(dOut, a), mul(b, b))), b.shape) : null,
  ],
});

/**
 * a / b, elementwise with broadcasting. Division by zero gives an infinity or NaN, as IEEE 754 says.
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError unless both are f32 or both f64
 * @example
 * import { div, tensor } from "@llr/tensor";
 * div(tensor([1, -1, 0]), 0).toArray() // => [Infinity, -Infinity, NaN]
 */
export const div = (a: Operand, b: Operand): Tensor => applyBinary(divOp, a, b);
