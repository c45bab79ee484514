import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { plain, steps } from "./map.ts";

/** x - floor(x) is exact in double precision wherever x has a fraction. */
function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

export const floorOp: Primitive<null> = steps("floor", Math.floor);
export const ceilOp: Primitive<null> = steps("ceil", Math.ceil);
export const roundOp: Primitive<null> = steps("round", roundHalfToEven);
export const truncOp: Primitive<null> = steps("trunc", Math.trunc);

/** The largest whole number that is not above x, elementwise. Its derivative is 0. */
export const floor: (x: Tensor) => Tensor = plain(floorOp);
/** The smallest whole number that is not below x, elementwise. Its derivative is 0. */
export const ceil: (x: Tensor) => Tensor = plain(ceilOp);

/**
 * The nearest whole number, elementwise; halves go to the even neighbour, as IEEE 754 and PyTorch (not as `Math.round`).
 * Its derivative is 0.
 *
 * @example
 * import { round, tensor } from "@llr/tensor";
 * round(tensor([0.5, 1.5, 2.5, -1.7])).toArray() // => [0, 2, 2, -2]
 */
export const round: (x: Tensor) => Tensor = plain(roundOp);
/** x without its fraction, elementwise. Its derivative is 0. */
export const trunc: (x: Tensor) => Tensor = plain(truncOp);
