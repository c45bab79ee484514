import { apply } from "../../apply.ts";
import type { Numbers } from "../../dtype.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import type { Pair, Shape } from "../../shape.ts";
import { parallel } from "../../simd/parallel.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { reshape } from "../shape/reshape.ts";
import type { AvgPoolOptions, Pool2dAttrs, Windows } from "./geometry.ts";
import { asImage, asRow, forEachWindow, isWhole, pairsApart, planesOf, pool2dShape, resolvePool2d, slidingWindows } from "./geometry.ts";

export interface AvgPool2dAttrs extends Pool2dAttrs {
  readonly countIncludePad: boolean;
}

/** Writes the mean of each window. */
export function means(out: Numbers, x: Numbers, shape: Shape, windows: Windows, countIncludePad: boolean): void {
  const width = shape[3];
  forEachWindow(shape, windows, ({ plane, y0, y1, x0, x1, span, count }, output) => {
    let total = 0;
    for (let row = y0; row < y1; row++) for (let p = plane + row * width + x0, end = p + x1 - x0; p < end; p++) total += x[p];
    out[output] = total / (countIncludePad ? span : count);
  });
}

/** Spreads each number evenly over its window: the transpose of `means`. Sums over windows run in double precision. */
export function spreadMeans(out: Numbers, dOut: Numbers, shape: Shape, windows: Windows, countIncludePad: boolean): void {
  const width = shape[3];
  const sums = new Float64Array(out.length);
  forEachWindow(shape, windows, ({ plane, y0, y1, x0, x1, span, count }, output) => {
    const share = dOut[output] / (countIncludePad ? span : count);
    for (let row = y0; row < y1; row++) for (let p = plane + row * width + x0, end = p + x1 - x0; p < end; p++) sums[p] = sums[p] + share;
  });
  out.set(sums);
}

export const avgPool2dOp: Primitive<AvgPool2dAttrs> = {
  kind: "primitive",
  name: "avgPool2d",
  shape: ([x], attrs) => pool2dShape("avgPool2d", x, attrs),
  saves: [],
  nan: "propagates",
  reference: (out, [x], { shapes: [shape], shape: outShape, attrs }) => means(out, x, shape, slidingWindows(shape, outShape, attrs), attrs.countIncludePad),
  simd: (out, [x], { shapes: [shape], shape: outShape, attrs }) => {
    if (!isWhole(shape, outShape, attrs)) return false;
    const { planes, grain, sizes } = planesOf(shape, outShape);
    if (pairsApart(shape, outShape, attrs)) parallel("avgPool2dForward2x2", [out, x, ...sizes], planes, grain);
    else parallel("avgPool2dForward", [out, x, ...sizes, ...windowsOf(attrs)], planes, grain);
    return;
  },
  derivative: (dOut, { inputs: [x], attrs }) => [apply(avgPool2dGradOp, [dOut], { ...attrs, inputShape: x.shape })],
};

/** Windows and what each is divided by, for the compiled kernels; 0: its pixels that are not padding. */
const windowsOf = ({ kernel, stride, padding, countIncludePad }: AvgPool2dAttrs) =>
  [...kernel, ...stride, ...padding, countIncludePad ? kernel[0] * kernel[1] : 0] as const;

function resolve(op: string, options: AvgPoolOptions<Pair>): AvgPool2dAttrs {
  const { countIncludePad = true, ...rest } = optionsOf(op, options);
  return { ...resolvePool2d(op, { ...rest, dilation: 1 }), countIncludePad };
}

/**
 * Mean over windows.
 *
 * @param x images [batch, channels, height, width]
 * @param options countIncludePad: padding counts as zeros in the mean (default, as PyTorch), or is left out. What a window
 *   of ceilMode reaches beyond the padding never counts.
 * @returns [batch, channels, floor((height + 2 padding - kernel) / stride) + 1, ...]; with ceilMode the quotient is rounded
 *   up, but no window begins in the padding at the end
 * @throws ShapeError if the window does not fit; ArgumentError if the padding exceeds half the kernel
 * @example
 * import { avgPool2d, tensor } from "@llr/tensor";
 * const image = tensor([[[[1, 2], [4, 5]]]]);
 * avgPool2d(image, { kernel: 2 }).item() // => 3
 * avgPool2d(image, { kernel: 2, padding: 1, countIncludePad: false }).toArray() // => [1, 2, 4, 5]
 */
export const avgPool2d = (x: Tensor, options: AvgPoolOptions<Pair>): Tensor => apply(avgPool2dOp, [x], resolve("avgPool2d", options));

/**
 * Mean over windows of sequences: {@link avgPool2d} of images of one row.
 *
 * @param x sequences [batch, channels, length]
 * @returns [batch, channels, ...] as avgPool2d says
 * @throws as avgPool2d
 * @example
 * import { avgPool1d, tensor } from "@llr/tensor";
 * avgPool1d(tensor([[[1, 5, 2, 4]]]), { kernel: 2 }).toArray() // => [3, 3]
 */
export function avgPool1d(x: Tensor, options: AvgPoolOptions<readonly [number]>): Tensor {
  const { countIncludePad = true, ...rest } = optionsOf("avgPool1d", options);
  checkTensor("avgPool1d", x);
  const attrs = resolve("avgPool1d", { ...asRow("avgPool1d", x.shape, rest), countIncludePad });
  const [batch, channels, , length] = pool2dShape("avgPool1d", asImage(x.shape), attrs, x.shape);
  return reshape(apply(avgPool2dOp, [reshape(x, asImage(x.shape))], attrs), [batch, channels, length]);
}

/** Spreads each gradient evenly over its window. Linear, and avgPool2d is its derivative. */
export const avgPool2dGradOp: Primitive<AvgPool2dAttrs & { readonly inputShape: Shape }> = {
  kind: "primitive",
  name: "avgPool2dGrad",
  shape: (_, { inputShape }) => inputShape,
  saves: [],
  nan: "propagates",
  reference: (out, [dOut], { shapes: [outShape], shape, attrs }) => spreadMeans(out, dOut, shape, slidingWindows(shape, outShape, attrs), attrs.countIncludePad),
  simd: (out, [dOut], { shapes: [outShape], shape, attrs }) => {
    if (!isWhole(shape, outShape, attrs)) return false;
    const { planes, grain, sizes } = planesOf(shape, outShape);
    if (pairsApart(shape, outShape, attrs)) parallel("avgPool2dSpread2x2", [out, dOut, ...sizes], planes, grain);
    else parallel("avgPool2dSpread", [out, dOut, ...sizes, ...windowsOf(attrs)], planes, grain);
    return;
  },
  derivative: (d, { attrs }) => [apply(avgPool2dOp, [d], attrs)],
};
