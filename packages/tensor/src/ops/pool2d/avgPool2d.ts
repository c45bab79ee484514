import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import { parallel } from "../../simd/parallel.ts";
import type { Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { Pool2dAttrs, Pool2dOptions, Window } from "./geometry.ts";
import { forEachWindow, pairsApart, planesOf, pool2dShape, resolvePool2d } from "./geometry.ts";

interface AvgPool2dAttrs extends Pool2dAttrs {
  readonly countIncludePad: boolean;
}

export const avgPool2dOp: Primitive<AvgPool2dAttrs> = {
  kind: "primitive",
  name: "avgPool2d",
  shape: ([x], attrs) => pool2dShape("avgPool2d", x, attrs),
  saves: [],
  nan: "propagates",
  reference: (out, [x], { shapes: [shape], shape: outShape, attrs }) => {
    const width = shape[3];
    forEachWindow(shape, outShape, attrs, (window, output) => {
      let total = 0;
      for (let row = window.y0; row < window.y1; row++)
        for (let p = window.plane + row * width + window.x0, end = p + window.x1 - window.x0; p < end; p++) total += x[p];
      out[output] = total / divisor(window, attrs);
    });
  },
  simd: (out, [x], { shapes: [shape], shape: outShape, attrs }) => {
    const { planes, grain, sizes } = planesOf(shape, outShape);
    if (pairsApart(outShape, attrs)) parallel("avgPool2dForward2x2", [out, x, ...sizes], planes, grain);
    else parallel("avgPool2dForward", [out, x, ...sizes, ...windowsOf(attrs)], planes, grain);
  },
  derivative: (dOut, { inputs: [x], attrs }) => [apply(avgPool2dGradOp, [dOut], { ...attrs, inputShape: x.shape })],
};

/** Windows and what each is divided by, for the compiled kernels; 0: its pixels that are not padding. */
const windowsOf = ({ kernel, stride, padding, countIncludePad }: AvgPool2dAttrs) =>
  [...kernel, ...stride, ...padding, countIncludePad ? kernel[0] * kernel[1] : 0] as const;

const divisor = ({ y0, y1, x0, x1 }: Window, { kernel, countIncludePad }: AvgPool2dAttrs): number =>
  countIncludePad ? kernel[0] * kernel[1] : (y1 - y0) * (x1 - x0);

/**
 * Mean over windows.
 *
 * @param x images [batch, channels, height, width]
 * @param options countIncludePad: padding counts as zeros in the mean (default, as PyTorch), or is left out
 * @returns [batch, channels, floor((height + 2 padding - kernel) / stride) + 1, ...]
 * @throws ShapeError if the window does not fit; ArgumentError if the padding exceeds half the kernel
 * @example
 * import { avgPool2d, tensor } from "@llr/tensor";
 * const image = tensor([[[[1, 2], [4, 5]]]]);
 * avgPool2d(image, { kernel: 2 }).item() // => 3
 * avgPool2d(image, { kernel: 2, padding: 1, countIncludePad: false }).toArray() // => [1, 2, 4, 5]
 */
export const avgPool2d = (x: Tensor, { countIncludePad = true, ...options }: Pool2dOptions & { readonly countIncludePad?: boolean }): Tensor =>
  apply(avgPool2dOp, [x], { ...resolvePool2d("avgPool2d", options), countIncludePad });

/** Spreads each gradient evenly over its window. Linear, and avgPool2d is its derivative. */
export const avgPool2dGradOp: Primitive<AvgPool2dAttrs & { readonly inputShape: Shape }> = {
  kind: "primitive",
  name: "avgPool2dGrad",
  shape: (_, { inputShape }) => inputShape,
  saves: [],
  nan: "propagates",
  reference: (out, [dOut], { shapes: [outShape], shape, attrs }) => {
    const width = shape[3];
    out.fill(0);
    forEachWindow(shape, outShape, attrs, (window, output) => {
      const share = dOut[output] / divisor(window, attrs);
      for (let row = window.y0; row < window.y1; row++)
        for (let p = window.plane + row * width + window.x0, end = p + window.x1 - window.x0; p < end; p++) out[p] = out[p] + share;
    });
  },
  simd: (out, [dOut], { shapes: [outShape], shape, attrs }) => {
    const { planes, grain, sizes } = planesOf(shape, outShape);
    if (pairsApart(outShape, attrs)) parallel("avgPool2dSpread2x2", [out, dOut, ...sizes], planes, grain);
    else parallel("avgPool2dSpread", [out, dOut, ...sizes, ...windowsOf(attrs)], planes, grain);
  },
  derivative: (d, { attrs }) => [apply(avgPool2dOp, [d], attrs)],
};
