import { apply } from "../../apply.ts";
import type { Numbers } from "../../dtype.ts";
import { ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { parallel } from "../../simd/parallel.ts";
import type { Pair, Shape } from "../../shape.ts";
import { formatShape } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { floatAndIndices } from "../pick/pick.ts";
import { reshape } from "../shape/reshape.ts";
import type { MaxPoolOptions, Pool2dAttrs, Windows } from "./geometry.ts";
import { asImage, asRow, forEachWindow, pairsApart, planesOf, pool2dShape, resolvePool2d, slidingWindows } from "./geometry.ts";

/** Writes the maximum of each window, and where in x it is. */
export function maxima(out: Numbers, indices: Numbers, x: Numbers, shape: Shape, windows: Windows): void {
  const width = shape[3];
  forEachWindow(shape, windows, ({ plane, y0, y1, yStep, x0, x1, xStep }, output) => {
    let best = plane + y0 * width + x0;
    let max = x[best];
    for (let row = y0; row < y1; row += yStep)
      for (let p = plane + row * width + x0, end = p + x1 - x0; p < end; p += xStep) {
        // The first of equal ones stays; the first NaN wins and stays, for nothing is greater than it.
        if (x[p] > max || (Number.isNaN(x[p]) && !Number.isNaN(max))) {
          best = p;
          max = x[p];
        }
      }
    out[output] = max;
    indices[output] = best;
  });
}

export const maxPool2dOp: Primitive<Pool2dAttrs> = {
  kind: "primitive",
  name: "maxPool2d",
  shape: ([x], attrs) => pool2dShape("maxPool2d", x, attrs),
  /** Position in the input of each maximum: an index, so a recorded derivative may treat it as constant. */
  aux: ([x], attrs) => [{ shape: pool2dShape("maxPool2d", x, attrs), dtype: "i32" }],
  saves: [],
  nan: "propagates",
  reference: (out, [x], { shapes: [shape], shape: outShape, attrs }, [indices]) => maxima(out, indices, x, shape, slidingWindows(shape, outShape, attrs)),
  simd: (out, [x], { shapes: [shape], shape: outShape, attrs }, [indices]) => {
    if (attrs.dilation.some((n) => n !== 1)) return false;
    const { planes, grain, sizes } = planesOf(shape, outShape);
    if (pairsApart(shape, outShape, attrs)) parallel("maxPool2dForward2x2", [out, indices, x, ...sizes], planes, grain);
    else parallel("maxPool2dForward", [out, indices, x, ...sizes, ...attrs.kernel, ...attrs.stride, ...attrs.padding], planes, grain);
    return;
  },
  derivative: (dOut, { inputs: [x], aux: [indices], attrs }) => [apply(putAtOp, [dOut, indices], { shape: x.shape, windows: attrs })],
};

/**
 * Maximum over windows. Padding never wins; the gradient goes to the first of equal maxima (as PyTorch), a NaN is a maximum.
 *
 * @param x images [batch, channels, height, width]
 * @returns [batch, channels, floor((height + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, ...]; with ceilMode the
 *   quotient is rounded up, but no window begins in the padding at the end
 * @throws ShapeError if the window does not fit, or if dilation puts all of one into the padding (where PyTorch gives
 *   -Infinity); ArgumentError if the padding exceeds half the kernel
 * @example
 * import { maxPool2d, tensor } from "@llr/tensor";
 * maxPool2d(tensor([[[[1, 2], [4, 3]]]]), { kernel: 2 }).item() // => 4
 * maxPool2d(tensor([[[[1, 2, 3]]]]), { kernel: [1, 2], ceilMode: true }).toArray() // => [2, 3]
 */
export const maxPool2d = (x: Tensor, options: MaxPoolOptions<Pair>): Tensor => apply(maxPool2dOp, [x], resolvePool2d("maxPool2d", options));

/**
 * Maximum over windows of sequences: {@link maxPool2d} of images of one row.
 *
 * @param x sequences [batch, channels, length]
 * @returns [batch, channels, ...] as maxPool2d says
 * @throws as maxPool2d
 * @example
 * import { maxPool1d, tensor } from "@llr/tensor";
 * maxPool1d(tensor([[[1, 5, 2, 4]]]), { kernel: 2 }).toArray() // => [5, 4]
 */
export function maxPool1d(x: Tensor, options: MaxPoolOptions<readonly [number]>): Tensor {
  checkTensor("maxPool1d", x);
  const attrs = resolvePool2d("maxPool1d", asRow("maxPool1d", x.shape, options));
  const [batch, channels, , length] = pool2dShape("maxPool1d", asImage(x.shape), attrs, x.shape);
  return reshape(apply(maxPool2dOp, [reshape(x, asImage(x.shape))], attrs), [batch, channels, length]);
}

const checkIndices = (op: string, x: Shape, indices: Shape): void => {
  if (x.length !== indices.length || x.some((n, i) => n !== indices[i])) throw new ShapeError(op, `numbers ${formatShape(x)}, indices ${formatShape(indices)}. They must be equal.`, [x, indices]);
};

export interface PutAtAttrs {
  readonly shape: Shape;
  /** A promise: the numbers are maxima, and each index lies in its window. */
  readonly windows?: Pool2dAttrs;
}

/** Adds each number to the place that its index names, among zeros: derivative of reading at indices, and the reverse. */
export const putAtOp: Primitive<PutAtAttrs> = {
  kind: "primitive",
  name: "putAt",
  dtype: floatAndIndices("putAt"),
  shape: ([x, indices], { shape }) => {
    checkIndices("putAt", x, indices);
    return shape;
  },
  saves: [1],
  nan: "propagates",
  reference: (out, [x, indices]) => {
    out.fill(0);
    // Overlapping windows may share a maximum: then gradients add up.
    for (let i = 0; i < x.length; i++) out[indices[i]] = out[indices[i]] + x[i];
  },
  simd: (out, [x, indices], { shapes: [inner], attrs: { shape, windows } }) => {
    if (windows === undefined) return false; // indices that name any place have to be followed one after the other
    const { planes, grain, sizes } = planesOf(shape, inner);
    if (pairsApart(shape, inner, windows)) parallel("maxPool2dPut2x2", [out, x, indices, ...sizes], planes, grain);
    else parallel("maxPool2dPut", [out, x, indices, shape[2] * shape[3], inner[2] * inner[3]], planes, grain);
    return;
  },
  derivative: (d, { inputs: [, indices] }) => [apply(takeAtOp, [d, indices], null), null],
};

/** The numbers at the given positions of the flat input. */
export const takeAtOp: Primitive<null> = {
  kind: "primitive",
  name: "takeAt",
  dtype: floatAndIndices("takeAt"),
  shape: ([, indices]) => indices,
  saves: [1],
  nan: "propagates",
  reference: (out, [x, indices]) => {
    for (let i = 0; i < out.length; i++) out[i] = x[indices[i]];
  },
  derivative: (d, { inputs: [x, indices] }) => [apply(putAtOp, [d, indices], { shape: x.shape }), null],
};
