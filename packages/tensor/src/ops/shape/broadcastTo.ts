import { apply } from "../../apply.ts";
import { ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import type { Shape } from "../../shape.ts";
import { broadcastShapes, broadcastStrides, checkShape, formatShape, offsets, sameShape, sizeOf } from "../../shape.ts";
import { ELEMENTWISE_GRAIN } from "../../simd/grain.ts";
import { parallel } from "../../simd/parallel.ts";
import type { Tensor } from "../../tensor.ts";
import { layoutOf } from "../elementwise/binarySimd.ts";
import { sumTo } from "../reduce/sumTo.ts";

export const broadcastToOp: Primitive<{ readonly shape: Shape }> = {
  kind: "primitive",
  name: "broadcastTo",
  dtype: ([x]) => x,
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
  simd: (out, [x], { shapes, shape }) => {
    const layout = layoutOf(shapes[0], shape);
    if (layout === null) return false;
    if (layout.period === null) parallel("broadcastToRows", [out, x, layout.length], sizeOf(shape), ELEMENTWISE_GRAIN);
    else parallel("broadcastToRuns", [out, x, layout.length, layout.period], sizeOf(shape), ELEMENTWISE_GRAIN);
    return;
  },
  derivative: (dOut, { inputs: [x] }) => [sumTo(dOut, x.shape)],
};

/**
 * Repeats the numbers along axes of size 1, and along new leading axes.
 *
 * @param x any dtype
 * @throws ShapeError if the shape does not broadcast to the new one
 * @example
 * import { broadcastTo, tensor } from "@llr/tensor";
 * broadcastTo(tensor([[1], [2]]), [2, 2]).toArray() // => [1, 1, 2, 2]
 */
export const broadcastTo = (x: Tensor, shape: Shape): Tensor => apply(broadcastToOp, [x], { shape });
