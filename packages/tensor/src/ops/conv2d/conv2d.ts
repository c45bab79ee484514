import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import type { InputGradAttrs, WeightGradAttrs } from "./convolution.ts";
import { convolution } from "./convolution.ts";
import type { Conv2dOptions, ConvAttrs } from "./geometry.ts";
import { resolveConv } from "./geometry.ts";
import { simdForward, simdInputGrad, simdWeightGrad } from "./simd.ts";

const records = convolution("conv2d", 2, { forward: simdForward, inputGrad: simdInputGrad, weightGrad: simdWeightGrad });

export const conv2dOp: Primitive<ConvAttrs> = records.forward;
/** Gradient of conv2d for its images, from the gradient for its output and the weights (a transposed convolution). */
export const conv2dInputGradOp: Primitive<InputGradAttrs> = records.inputGrad;
/** Gradient of conv2d for its weights, from the gradient for its output and the images. */
export const conv2dWeightGradOp: Primitive<WeightGradAttrs> = records.weightGrad;

/**
 * Two-dimensional convolution (as in all deep learning libraries: cross-correlation, the kernel is not flipped).
 *
 *     y[n, o, i, j] = bias[o] + sum over c, u, v of w[o, c, u, v] * x[n, c, i*stride + u*dilation - padding, ...]
 *
 * Compiled kernels take kernels of 3 x 3 with stride 1 over 8 channels and more by Winograd's F(2 x 2, 3 x 3), in half the
 * time. Its rounding errors are relative to the largest of 4 x 4 neighbouring pixels instead of the nine that an output sees.
 *
 * @param x images [batch, channels, height, width]
 * @param w weights [out, channels / groups, kernel height, kernel width]
 * @param options stride, padding and dilation as one number or [vertical, horizontal]; padding "same" keeps the size
 *   (stride 1 only; of an odd number of zeros the additional one is at the bottom and right); groups; bias [out]
 * @returns [batch, out, floor((height + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, ...]
 * @throws ShapeError if channels differ or the kernel does not fit
 * @example
 * import { conv2d, tensor } from "@llr/tensor";
 * const image = tensor([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]);
 * const edge = tensor([[[[1, -1]]]]); // left minus right neighbour
 * conv2d(image, edge).toArray() // => [-1, -1, -1, -1, -1, -1]
 * conv2d(image, edge, { stride: 2, padding: [0, 1] }).shape // => [1, 1, 2, 2]
 * conv2d(image, edge, { padding: "same" }).toArray() // => [-1, -1, 3, -1, -1, 6, -1, -1, 9]
 */
export function conv2d(x: Tensor, w: Tensor, options: Conv2dOptions & { readonly bias?: Tensor | null } = {}): Tensor {
  const { bias, ...rest } = optionsOf("conv2d", options);
  checkTensor("conv2d", x);
  checkTensor("conv2d", w);
  return apply(conv2dOp, bias ? [x, w, bias] : [x, w], resolveConv("conv2d", 2, w.shape, rest));
}
