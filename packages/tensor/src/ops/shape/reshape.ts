import { apply } from "../../apply.ts";
import { ShapeError } from "../../errors.ts";
import type { View } from "../../op.ts";
import { checkList } from "../../options.ts";
import type { Shape } from "../../shape.ts";
import { checkShape, formatShape, sizeOf } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";

export const reshapeOp: View<{ readonly shape: Shape }> = {
  kind: "view",
  name: "reshape",
  dtype: ([x]) => x,
  shape: ([x], { shape }) => inferSize(x, shape),
  offset: () => 0,
  saves: [],
  nan: "propagates",
  derivative: (dOut, { inputs: [x] }) => [reshape(dOut, x.shape)],
};

/** Replaces one -1 by the size that makes the element counts equal. */
function inferSize(from: Shape, to: Shape): Shape {
  checkList("reshape", "shape", to);
  const unknown = to.filter((n) => n === -1).length;
  const known = sizeOf(to.filter((n) => n !== -1));
  const fail = (why: string): never => {
    throw new ShapeError("reshape", `${formatShape(from)} to ${formatShape(to)}: ${why}`, [from, to]);
  };
  if (unknown > 1) fail("more than one -1. Give all sizes but one.");
  if (unknown === 1 && (known === 0 || sizeOf(from) % known !== 0)) fail(`${sizeOf(from)} elements cannot be divided by ${known}. The -1 stands for a whole number.`);
  const shape = to.map((n) => (n === -1 ? sizeOf(from) / known : n));
  checkShape("reshape", shape);
  if (sizeOf(shape) !== sizeOf(from)) fail(`${sizeOf(from)} elements into ${sizeOf(shape)}. The numbers of elements must be equal.`);
  return shape;
}

/**
 * The same numbers in row-major order under another shape, without a copy. One size may be -1: what remains.
 *
 * @throws ShapeError if the number of elements differs
 * @example
 * import { reshape, tensor } from "@llr/tensor";
 * reshape(tensor([1, 2, 3, 4, 5, 6]), [2, -1]).shape // => [2, 3]
 * reshape(tensor([1, 2, 3]), [2, 2]) // throws 3 elements into 4
 */
export const reshape = (x: Tensor, shape: Shape): Tensor => apply(reshapeOp, [x], { shape });
