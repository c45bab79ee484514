import { apply } from "../../apply.ts";
import { ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { checkList } from "../../options.ts";
import type { Pair, Shape } from "../../shape.ts";
import { formatShape, resolvePair } from "../../shape.ts";
import { checkTensor, shapeOf, type Tensor } from "../../tensor.ts";
import { avgPool2d, means, spreadMeans } from "./avgPool2d.ts";
import { adaptiveWindows, checkImages } from "./geometry.ts";
import { maxima, putAtOp } from "./maxPool2d.ts";

/** Pixels of the output; null: as many as the input has. */
export type OutputSize = number | readonly [number | null, number | null];

const resolveSize = (op: string, x: Tensor, size: OutputSize): AdaptiveAttrs => {
  const shape = shapeOf(op, x);
  if (typeof size !== "number") checkList(op, "outputSize", size);
  const pair = typeof size === "number" ? size : (size.map((n, axis) => n ?? shape[2 + axis] ?? 0) as [number, number]);
  return { outputSize: resolvePair(op, "outputSize", pair, 0) };
};

export interface AdaptiveAttrs {
  readonly outputSize: Pair;
}

function adaptiveShape(op: string, x: Shape, { outputSize }: AdaptiveAttrs): Shape {
  checkImages(op, x);
  for (const axis of [0, 1] as const)
    if (x[2 + axis] === 0 && outputSize[axis] > 0) throw new ShapeError(op, `the images ${formatShape(x)} have no pixels to make ${outputSize.join(" x ")} of. They need at least one.`, [x]);
  return [x[0], x[1], ...outputSize];
}

export const adaptiveAvgPool2dOp: Primitive<AdaptiveAttrs> = {
  kind: "primitive",
  name: "adaptiveAvgPool2d",
  shape: ([x], attrs) => adaptiveShape("adaptiveAvgPool2d", x, attrs),
  saves: [],
  nan: "propagates",
  reference: (out, [x], { shapes: [shape], shape: outShape }) => means(out, x, shape, adaptiveWindows(shape, outShape), false),
  derivative: (dOut, { inputs: [x], attrs }) => [apply(adaptiveAvgPool2dGradOp, [dOut], { ...attrs, inputShape: x.shape })],
};

/** Spreads each gradient evenly over its window. Linear, and adaptiveAvgPool2d is its derivative. */
export const adaptiveAvgPool2dGradOp: Primitive<AdaptiveAttrs & { readonly inputShape: Shape }> = {
  kind: "primitive",
  name: "adaptiveAvgPool2dGrad",
  shape: (_, { inputShape }) => inputShape,
  saves: [],
  nan: "propagates",
  reference: (out, [dOut], { shapes: [outShape], shape }) => spreadMeans(out, dOut, shape, adaptiveWindows(shape, outShape), false),
  derivative: (d, { attrs: { outputSize } }) => [apply(adaptiveAvgPool2dOp, [d], { outputSize })],
};

/**
 * Mean over as many windows as the output has pixels: along an axis of n pixels, window i of m reaches from floor(i n / m)
 * to ceil((i + 1) n / m), so that windows overlap where m does not divide n.
 *
 * @param x images [batch, channels, height, width]
 * @param outputSize one number or [vertical, horizontal], null for the size that it has; 1 is the mean over the whole image ("global average pooling")
 * @returns [batch, channels, ...outputSize]
 * @example
 * import { adaptiveAvgPool2d, tensor } from "@llr/tensor";
 * const image = tensor([[[[1, 2, 6]]]]);
 * adaptiveAvgPool2d(image, 1).item() // => 3
 * adaptiveAvgPool2d(image, [1, 2]).toArray() // => [1.5, 4]
 */
export function adaptiveAvgPool2d(x: Tensor, outputSize: OutputSize): Tensor {
  checkTensor("adaptiveAvgPool2d", x);
  const attrs = resolveSize("adaptiveAvgPool2d", x, outputSize);
  const [, , height, width] = x.shape;
  const [down, across] = [height / attrs.outputSize[0], width / attrs.outputSize[1]];
  // Where the sizes divide, the windows are those of avgPool2d, which has faster kernels.
  const divides = x.shape.length === 4 && x.size > 0 && Number.isInteger(down) && Number.isInteger(across);
  return divides ? avgPool2d(x, { kernel: [down, across] }) : apply(adaptiveAvgPool2dOp, [x], attrs);
}

export const adaptiveMaxPool2dOp: Primitive<AdaptiveAttrs> = {
  kind: "primitive",
  name: "adaptiveMaxPool2d",
  shape: ([x], attrs) => adaptiveShape("adaptiveMaxPool2d", x, attrs),
  aux: ([x], attrs) => [{ shape: adaptiveShape("adaptiveMaxPool2d", x, attrs), dtype: "i32" }],
  saves: [],
  nan: "propagates",
  reference: (out, [x], { shapes: [shape], shape: outShape }, [indices]) => maxima(out, indices, x, shape, adaptiveWindows(shape, outShape)),
  derivative: (dOut, { inputs: [x], aux: [indices] }) => [apply(putAtOp, [dOut, indices], { shape: x.shape })],
};

/**
 * Maximum over as many windows as the output has pixels, the windows of {@link adaptiveAvgPool2d}. The gradient goes to the
 * first of equal maxima, once for each window that it lies in.
 *
 * @param x images [batch, channels, height, width]
 * @param outputSize one number or [vertical, horizontal]
 * @returns [batch, channels, ...outputSize]
 * @example
 * import { adaptiveMaxPool2d, tensor } from "@llr/tensor";
 * adaptiveMaxPool2d(tensor([[[[1, 6, 2]]]]), [1, 2]).toArray() // => [6, 6]
 */
export const adaptiveMaxPool2d = (x: Tensor, outputSize: OutputSize): Tensor =>
  apply(adaptiveMaxPool2dOp, [x], resolveSize("adaptiveMaxPool2d", x, outputSize));
