import { apply } from "../../apply.ts";
import { ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import type { Shape } from "../../shape.ts";
import { formatShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { sum } from "../reduce/sum.ts";
import type { Conv2dAttrs, Conv2dOptions } from "./geometry.ts";
import { conv2dShape, resolveConv2d } from "./geometry.ts";
import { convolve, convolveInputGrad, convolveWeightGrad, planConv2d } from "./loops.ts";
import { simdForward, simdInputGrad, simdWeightGrad } from "./simd.ts";

// Convolution is bilinear in images and weights. The three ops below are closed under differentiation: the derivatives of
// each are the other two, so every order exists without further rules.

export const conv2dOp: Primitive<Conv2dAttrs> = {
  kind: "primitive",
  name: "conv2d",
  shape: ([x, w, bias], attrs) => {
    const shape = conv2dShape(x, w, attrs);
    if (bias !== undefined && (bias.length !== 1 || bias[0] !== w[0]))
      throw new ShapeError("conv2d", `the bias is ${formatShape(bias)}, the weights are ${formatShape(w)}. It needs one number for each of the ${w[0]} output channels.`, [w, bias]);
    return shape;
  },
  saves: [0, 1],
  nan: "propagates",
  reference: (out, [x, w, bias], { shapes: [shapeX, shapeW], shape, attrs }) => convolve(out, x, w, bias ?? null, planConv2d(shapeX, shapeW, shape, attrs)),
  simd: (out, [x, w, bias], { shapes: [shapeX, shapeW], shape, attrs }) => simdForward(out, x, w, bias ?? 0, [shapeX, shapeW, shape], attrs),
  derivative: (dOut, { inputs: [x, w, bias], attrs, needs }) => [
    needs[0] ? apply(conv2dInputGradOp, [dOut, w], { ...attrs, inputShape: x.shape }) : null,
    needs[1] ? apply(conv2dWeightGradOp, [dOut, x], { ...attrs, weightShape: w.shape }) : null,
    ...(bias ? [needs[2] ? sum(dOut, { axes: [0, 2, 3] }) : null] : []),
  ],
};

/**
 * Two-dimensional convolution (as in all deep learning libraries: cross-correlation, the kernel is not flipped).
 *
 *     y[n, o, i, j] = bias[o] + sum over c, u, v of w[o, c, u, v] * x[n, c, i*stride + u*dilation - padding, ...]
 *
 * @param x images [batch, channels, height, width]
 * @param w weights [out, channels / groups, kernel height, kernel width]
 * @param options stride, padding and dilation as one number or [vertical, horizontal]; groups; bias [out]
 * @returns [batch, out, floor((height + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, ...]
 * @throws ShapeError if channels differ or the kernel does not fit
 * @example
 * import { conv2d, tensor } from "@llr/tensor";
 * const image = tensor([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]);
 * const edge = tensor([[[[1, -1]]]]); // left minus right neighbour
 * conv2d(image, edge).toArray() // => [-1, -1, -1, -1, -1, -1]
 * conv2d(image, edge, { stride: 2, padding: [0, 1] }).shape // => [1, 1, 2, 2]
 */
export function conv2d(x: Tensor, w: Tensor, { bias, ...options }: Conv2dOptions & { readonly bias?: Tensor | null } = {}): Tensor {
  return apply(conv2dOp, bias ? [x, w, bias] : [x, w], resolveConv2d(options));
}

/** Gradient of conv2d for its images, from the gradient for its output and the weights (a transposed convolution). */
export const conv2dInputGradOp: Primitive<Conv2dAttrs & { readonly inputShape: Shape }> = {
  kind: "primitive",
  name: "conv2dInputGrad",
  shape: (_, { inputShape }) => inputShape,
  saves: [0, 1],
  nan: "propagates",
  reference: (out, [dy, w], { shapes: [shapeY, shapeW], shape, attrs }) => convolveInputGrad(out, dy, w, planConv2d(shape, shapeW, shapeY, attrs)),
  simd: (out, [dy, w], { shapes: [shapeY, shapeW], shape, attrs }) => simdInputGrad(out, dy, w, [shape, shapeW, shapeY], attrs),
  derivative: (d, { inputs: [dy, w], attrs, needs }) => [
    needs[0] ? apply(conv2dOp, [d, w], attrs) : null,
    needs[1] ? apply(conv2dWeightGradOp, [dy, d], { ...attrs, weightShape: w.shape }) : null,
  ],
};

/** Gradient of conv2d for its weights, from the gradient for its output and the images. */
export const conv2dWeightGradOp: Primitive<Conv2dAttrs & { readonly weightShape: Shape }> = {
  kind: "primitive",
  name: "conv2dWeightGrad",
  shape: (_, { weightShape }) => weightShape,
  saves: [0, 1],
  nan: "propagates",
  reference: (out, [dy, x], { shapes: [shapeY, shapeX], shape, attrs }) => convolveWeightGrad(out, dy, x, planConv2d(shapeX, shape, shapeY, attrs)),
  simd: (out, [dy, x], { shapes: [shapeY, shapeX], shape, attrs }) => simdWeightGrad(out, dy, x, [shapeX, shape, shapeY], attrs),
  derivative: (d, { inputs: [dy, x], attrs, needs }) => [
    needs[0] ? apply(conv2dOp, [x, d], attrs) : null,
    needs[1] ? apply(conv2dInputGradOp, [dy, d], { ...attrs, inputShape: x.shape }) : null,
  ],
};
