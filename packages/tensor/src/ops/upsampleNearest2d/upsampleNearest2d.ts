import { apply } from "../../apply.ts";
import { ArgumentError, ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { checkList } from "../../options.ts";
import type { Pair, Shape } from "../../shape.ts";
import { formatShape } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";

interface UpsampleAttrs {
  readonly scale: Pair;
}

/** For each pixel of an output axis, the pixel that it repeats. */
const sources = (length: number, outputs: number, scale: number): number[] =>
  Array.from({ length: outputs }, (_, i) => Math.min(length - 1, Math.floor(i / scale)));

/** Calls `visit` with the place in y, in order, and in x of every pixel of y. */
function forEachPixel(x: Shape, y: Shape, { scale }: UpsampleAttrs, visit: (to: number, from: number) => void): void {
  const [rows, columns] = [sources(x[2], y[2], scale[0]), sources(x[3], y[3], scale[1])];
  let to = 0;
  for (let plane = 0; plane < x[0] * x[1]; plane++)
    for (const row of rows) {
      const start = (plane * x[2] + row) * x[3];
      for (const column of columns) visit(to++, start + column);
    }
}

export const upsampleNearest2dOp: Primitive<UpsampleAttrs> = {
  kind: "primitive",
  name: "upsampleNearest2d",
  shape: ([x], { scale }) => {
    if (x.length !== 4) throw new ShapeError("upsampleNearest2d", `the input is ${formatShape(x)}. It needs images [batch, channels, height, width].`, [x]);
    return [x[0], x[1], Math.floor(x[2] * scale[0]), Math.floor(x[3] * scale[1])];
  },
  saves: [],
  nan: "propagates",
  reference: (out, [x], { shapes: [shape], shape: outShape, attrs }) => forEachPixel(shape, outShape, attrs, (to, from) => (out[to] = x[from])),
  derivative: (dOut, { inputs: [x], attrs }) => [apply(upsampleNearest2dGradOp, [dOut], { ...attrs, inputShape: x.shape })],
};

/** Adds up what each pixel was repeated as. Linear, and upsampleNearest2d is its derivative. */
export const upsampleNearest2dGradOp: Primitive<UpsampleAttrs & { readonly inputShape: Shape }> = {
  kind: "primitive",
  name: "upsampleNearest2dGrad",
  shape: (_, { inputShape }) => inputShape,
  saves: [],
  nan: "propagates",
  reference: (out, [dOut], { shapes: [outShape], shape, attrs }) => {
    const sums = new Float64Array(out.length);
    forEachPixel(shape, outShape, attrs, (to, from) => (sums[from] = sums[from] + dOut[to]));
    out.set(sums);
  },
  derivative: (d, { attrs: { scale } }) => [apply(upsampleNearest2dOp, [d], { scale })],
};

/**
 * Enlarges images by repeating pixels: y[n, c, i, j] = x[n, c, floor(i / scale), floor(j / scale)].
 *
 * @param x images [batch, channels, height, width]
 * @param scale one number > 0 or [vertical, horizontal]; below 1 pixels are left out
 * @returns [batch, channels, floor(height scale), floor(width scale)]
 * @throws ArgumentError for a scale that is not a positive number
 * @example
 * import { tensor, upsampleNearest2d } from "@llr/tensor";
 * upsampleNearest2d(tensor([[[[1, 2]]]]), 2).toArray() // => [1, 1, 2, 2, 1, 1, 2, 2]
 */
export function upsampleNearest2d(x: Tensor, scale: number | Pair): Tensor {
  checkTensor("upsampleNearest2d", x);
  if (typeof scale !== "number") checkList("upsampleNearest2d", "scale", scale);
  const pair: Pair = typeof scale === "number" ? [scale, scale] : scale;
  if (pair.length !== 2 || !pair.every((n) => Number.isFinite(n) && n > 0))
    throw new ArgumentError("upsampleNearest2d", `scale is ${JSON.stringify(scale)}. It must be a number > 0, or a pair of them (vertical, horizontal).`);
  return apply(upsampleNearest2dOp, [x], { scale: pair });
}
