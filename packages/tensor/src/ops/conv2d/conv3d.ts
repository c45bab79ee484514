import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import type { InputGradAttrs, WeightGradAttrs } from "./convolution.ts";
import { convolution } from "./convolution.ts";
import type { Conv3dOptions, ConvAttrs } from "./geometry.ts";
import { resolveConv } from "./geometry.ts";

const records = convolution("conv3d", 3, null);

export const conv3dOp: Primitive<ConvAttrs> = records.forward;
/** Gradient of conv3d for its volumes, from the gradient for its output and the weights. */
export const conv3dInputGradOp: Primitive<InputGradAttrs> = records.inputGrad;
/** Gradient of conv3d for its weights, from the gradient for its output and the volumes. */
export const conv3dWeightGradOp: Primitive<WeightGradAttrs> = records.weightGrad;

/**
 * Three-dimensional convolution: as conv2d, with one axis more. It runs on the reference kernels.
 *
 * @param x volumes [batch, channels, depth, height, width]
 * @param w weights [out, channels / groups, kernel depth, kernel height, kernel width]
 * @param options as those of conv2d, each one number or three; bias [out]
 * @returns [batch, out, floor((depth + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, ...]
 * @throws ShapeError if channels differ or the kernel does not fit
 * @example
 * import { conv3d, ones } from "@llr/tensor";
 * conv3d(ones([1, 1, 2, 3, 3]), ones([1, 1, 2, 2, 2])).toArray() // => [8, 8, 8, 8]
 * conv3d(ones([1, 4, 5, 5, 5]), ones([8, 2, 3, 3, 3]), { groups: 2, stride: 2, padding: "same" }) // throws does not keep the size
 */
export function conv3d(x: Tensor, w: Tensor, options: Conv3dOptions & { readonly bias?: Tensor | null } = {}): Tensor {
  const { bias, ...rest } = optionsOf("conv3d", options);
  checkTensor("conv3d", x);
  checkTensor("conv3d", w);
  return apply(conv3dOp, bias ? [x, w, bias] : [x, w], resolveConv("conv3d", 3, w.shape, rest));
}
