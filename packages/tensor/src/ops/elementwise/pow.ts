import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { equal } from "../compare/compare.ts";
import { sumTo } from "../reduce/sumTo.ts";
import { where } from "../where/where.ts";
import { add } from "./add.ts";
import type { Operand } from "./binary.ts";
import { applyBinary, binary } from "./binary.ts";
import { log } from "./log.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";

/** As IEEE 754: 1 to any power is 1, and so is -1 to an infinite one. JavaScript says NaN. */
const power = (a: number, b: number): number => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b));

export const powOp: Primitive<null> = binary({
  name: "pow",
  f: power,
  saves: [0, 1],
  derivative: (dOut, { inputs: [a, b], needs }) => [
    needs[0] ? sumTo(mul(dOut, applyBinary(powSlopeOp, a, b)), a.shape) : null,
    needs[1] ? sumTo(mul(dOut, applyBinary(powLogOp, a, b)), b.shape) : null,
  ],
});

/** b a^(b - 1), the derivative of a^b in a; 0 for b = 0, also at a = 0. */
export const powSlopeOp: Primitive<null> = binary({
  name: "powSlope",
  f: (a, b) => (b === 0 ? 0 : b * power(a, b - 1)),
  saves: [0, 1],
  derivative: (dOut, { inputs: [a, b], needs }) => [
    needs[0] ? sumTo(mul(dOut, mul(b, applyBinary(powSlopeOp, a, sub(b, 1)))), a.shape) : null,
    needs[1] ? sumTo(mul(dOut, mixed(a, b)), b.shape) : null,
  ],
});

/** a^b log(a), the derivative of a^b in b; 0 for a = 0 and b >= 0. */
export const powLogOp: Primitive<null> = binary({
  name: "powLog",
  f: (a, b) => (a === 0 && b >= 0 ? 0 : power(a, b) * Math.log(a)),
  saves: [0, 1],
  derivative: (dOut, { inputs: [a, b], needs }) => [
    needs[0] ? sumTo(mul(dOut, mixed(a, b)), a.shape) : null,
    needs[1] ? sumTo(mul(dOut, mul(applyBinary(powLogOp, a, b), log(where(equal(a, 0), 1, a)))), b.shape) : null,
  ],
});

/** a^(b - 1) (1 + b log(a)): the derivative in both. */
const mixed = (a: Tensor, b: Tensor): Tensor => {
  const less = sub(b, 1);
  return add(pow(a, less), mul(b, applyBinary(powLogOp, a, less)));
};

/**
 * a^b, elementwise with broadcasting; NaN for a negative a and a fractional b. Derivatives b a^(b-1) in a (0 where b is 0)
 * and a^b log(a) in b (0 where a is 0 and b is not negative), as PyTorch. Whole numbers (i32) are refused, as by all
 * arithmetic: their powers leave 32 bits soon. Make the tensors with { dtype: "f64" }, which holds them exactly up to 2^53.
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError unless both are f32 or both f64
 * @example
 * import { pow, tensor } from "@llr/tensor";
 * pow(tensor([2, 3, 0]), tensor([3, -1, 0])).toArray() // => [8, 0.3333, 1]
 */
export const pow = (a: Operand, b: Operand): Tensor => applyBinary(powOp, a, b);
