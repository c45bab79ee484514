// Sine, cosine, tangent and their inverses; angles in radians.
import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { sumTo } from "../reduce/sumTo.ts";
import { add } from "./add.ts";
import type { Operand } from "./binary.ts";
import { applyBinary, binary } from "./binary.ts";
import { map, plain } from "./map.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { reciprocal, rsqrt, square } from "./powers.ts";
import { sub } from "./sub.ts";

/** 1 / sqrt(1 - x^2); as a product, so that no digits are lost near 1. */
const asinSlope = (x: Tensor): Tensor => rsqrt(mul(sub(1, x), add(1, x)));

export const sinOp: Primitive<null> = map({ name: "sin", f: Math.sin, slope: (x) => cos(x) });
export const cosOp: Primitive<null> = map({ name: "cos", f: Math.cos, slope: (x) => neg(sin(x)) });
export const tanOp: Primitive<null> = map({ name: "tan", f: Math.tan, slope: (y) => add(1, square(y)), slopeOf: "output" });
export const asinOp: Primitive<null> = map({ name: "asin", f: Math.asin, slope: asinSlope });
export const acosOp: Primitive<null> = map({ name: "acos", f: Math.acos, slope: (x) => neg(asinSlope(x)) });
export const atanOp: Primitive<null> = map({ name: "atan", f: Math.atan, slope: (x) => reciprocal(add(1, square(x))) });

/**
 * sin(x), elementwise. Derivative cos(x).
 *
 * @example
 * import { sin, tensor } from "@llr/tensor";
 * sin(tensor([0, Math.PI / 2])).toArray() // => [0, 1]
 */
export const sin: (x: Tensor) => Tensor = plain(sinOp);
/** cos(x), elementwise. Derivative -sin(x). */
export const cos: (x: Tensor) => Tensor = plain(cosOp);
/** tan(x), elementwise. Derivative 1 + tan(x)^2. */
export const tan: (x: Tensor) => Tensor = plain(tanOp);
/** Inverse of sin on [-pi/2, pi/2], elementwise; NaN outside [-1, 1]. Derivative 1 / sqrt(1 - x^2), Infinity at the ends. */
export const asin: (x: Tensor) => Tensor = plain(asinOp);
/** Inverse of cos on [0, pi], elementwise; NaN outside [-1, 1]. Derivative -1 / sqrt(1 - x^2), -Infinity at the ends. */
export const acos: (x: Tensor) => Tensor = plain(acosOp);
/** Inverse of tan on (-pi/2, pi/2), elementwise. Derivative 1 / (1 + x^2). */
export const atan: (x: Tensor) => Tensor = plain(atanOp);

export const atan2Op: Primitive<null> = binary({
  name: "atan2",
  f: Math.atan2,
  saves: [0, 1],
  derivative: (dOut, { inputs: [y, x], needs }) => [
    needs[0] ? sumTo(mul(dOut, atan2Slope(y, x)), y.shape) : null,
    needs[1] ? sumTo(neg(mul(dOut, atan2Slope(x, y))), x.shape) : null,
  ],
});

/** x / (x^2 + y^2): the derivative of atan2(y, x) in y. In double precision, where the squares of float32 do not overflow. */
export const atan2SlopeOp: Primitive<null> = binary({
  name: "atan2Slope",
  f: (y, x) => x / (x * x + y * y),
  saves: [0, 1],
  derivative: (dOut, { inputs: [y, x], needs }) => {
    const [s, t] = [atan2Slope(y, x), atan2Slope(x, y)];
    return [
      needs[0] ? sumTo(mul(dOut, mul(mul(s, t), -2)), y.shape) : null,
      needs[1] ? sumTo(mul(dOut, mul(sub(t, s), add(t, s))), x.shape) : null,
    ];
  },
});

const atan2Slope = (y: Tensor, x: Tensor): Tensor => applyBinary(atan2SlopeOp, y, x);

/**
 * Angle of the point (x, y) in (-pi, pi], elementwise with broadcasting. Derivatives x / r^2 in y and -y / r^2 in x, NaN at
 * the origin, as PyTorch.
 *
 * @param y comes first, as in every language
 * @throws ShapeError if the shapes do not broadcast; DTypeError unless both are f32 or both f64
 * @example
 * import { atan2, tensor } from "@llr/tensor";
 * atan2(tensor([1, -1]), tensor([-1, -1])).toArray() // => [2.35619, -2.35619]
 */
export const atan2 = (y: Operand, x: Operand): Tensor => applyBinary(atan2Op, y, x);
