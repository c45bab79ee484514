import type { Shape } from "../../shape.ts";
import { sameShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { reshape } from "../shape/reshape.ts";
import { sum } from "./sum.ts";

/**
 * The gradient of a broadcast input: summed over the axes along which the input was stretched.
 * `shape` broadcasts to `t.shape`.
 */
export function sumTo(t: Tensor, shape: Shape): Tensor {
  if (sameShape(t.shape, shape)) return t;
  const missing = t.shape.length - shape.length;
  const axes = t.shape.map((_, axis) => axis).filter((axis) => axis < missing || (shape[axis - missing] === 1 && t.shape[axis] !== 1));
  return reshape(sum(t, { axes, keepDims: true }), shape);
}
