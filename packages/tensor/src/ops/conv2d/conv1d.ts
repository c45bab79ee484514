import { apply } from "../../apply.ts";
import { sameFloat } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import type { Shape } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { reshape } from "../shape/reshape.ts";
import { conv2dOp } from "./conv2d.ts";
import type { Conv1dOptions, ConvAttrs } from "./geometry.ts";
import { checkBias, convShape, resolveConv } from "./geometry.ts";

/** A sequence is an image of one row. */
export const asImage = ([batch, channels, length]: Shape): Shape => [batch, channels, 1, length];
export const asRow = (attrs: ConvAttrs): ConvAttrs => ({
  stride: [1, ...attrs.stride], padding: [0, ...attrs.padding], dilation: [1, ...attrs.dilation], groups: attrs.groups,
  ...(attrs.paddingAfter && { paddingAfter: [0, ...attrs.paddingAfter] }),
});

/**
 * One-dimensional convolution: conv2d of sequences as images of one row (views, nothing is copied).
 *
 *     y[n, o, i] = bias[o] + sum over c, u of w[o, c, u] * x[n, c, i*stride + u*dilation - padding]
 *
 * @param x sequences [batch, channels, length]
 * @param w weights [out, channels / groups, kernel length]
 * @param options as those of conv2d, each a number or a list of one; bias [out]
 * @returns [batch, out, floor((length + 2 padding - dilation (kernel - 1) - 1) / stride) + 1]
 * @throws ShapeError if channels differ or the kernel does not fit
 * @example
 * import { conv1d, tensor } from "@llr/tensor";
 * const x = tensor([[[1, 2, 4, 8]]]);
 * conv1d(x, tensor([[[-1, 1]]])).toArray() // => [1, 2, 4]
 * conv1d(x, tensor([[[1, 0, 1]]]), { padding: "same" }).toArray() // => [2, 5, 10, 4]
 */
export function conv1d(x: Tensor, w: Tensor, options: Conv1dOptions & { readonly bias?: Tensor | null } = {}): Tensor {
  const { bias, ...rest } = optionsOf("conv1d", options);
  checkTensor("conv1d", x);
  checkTensor("conv1d", w);
  const attrs = resolveConv("conv1d", 1, w.shape, rest);
  const inputs = bias ? [x, w, bias] : [x, w];
  sameFloat("conv1d", inputs.map((t) => t.dtype));
  const shape = convShape("conv1d", 1, x.shape, w.shape, attrs);
  if (bias) checkBias("conv1d", w.shape[0], w.shape, bias.shape);
  const [image, kernel] = [reshape(x, asImage(x.shape)), reshape(w, asImage(w.shape))];
  return reshape(apply(conv2dOp, bias ? [image, kernel, bias] : [image, kernel], asRow(attrs)), shape);
}
