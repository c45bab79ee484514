import { apply } from "../../apply.ts";
import { ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import type { Shape } from "../../shape.ts";
import { broadcastShapes, broadcastStrides, checkShape, formatShape, offsets, sameShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { sumTo } from "../reduce/sumTo.ts";

export const broadcastToOp: Primitive<{ readonly shape: Shape }> = {
  kind: "primitive",
  name: "broadcastTo",
  shape: ([x], { shape }) => {
    checkShape("broadcastTo", shape);
    if (!sameShape(broadcastShapes("broadcastTo", x, shape), shape))
      throw new ShapeError("broadcastTo", `${formatShape(x)} does not broadcast to ${formatShape(shape)}. Aligned at the last axis, each size must be equal or 1.`, [x, shape]);
    return shape;
  },
  saves: [],
  nan: "propagates",
  reference: (out, [x], { shapes, shape }) => {
    const from = offsets(shape, broadcastStrides(shapes[0], shape));
    for (let i = 0; i < out.length; i++) out[i] = x[from[i]];
  },
  derivative: (dOut, { inputs: [x] }) => [sumTo(dOut, x.shape)],
};

/**
 * Repeats the numbers along axes of size 1, and along new leading axes.
 *
 * @throws ShapeError if the shape does not broadcast to the new one
 * @example
 * import { broadcastTo, tensor } from "@llr/tensor";
 * broadcastTo(tensor([[1], [2]]), [2, 2]).toArray() // => [1, 1, 2, 2]
 */
export const broadcastTo = (x: Tensor, shape: Shape): Tensor => apply(broadcastToOp, [x], { shape });
