// A transposed convolution is the gradient of a convolution for its images, as an op of its own: it takes a convolution's
// output back to the size of its input.
import { apply } from "../../apply.ts";
import { ArgumentError, ShapeError } from "../../errors.ts";
import { sameFloat } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import type { Pair, Shape } from "../../shape.ts";
import { formatShape } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { add } from "../elementwise/add.ts";
import { reshape } from "../shape/reshape.ts";
import { asImage, asRow } from "./conv1d.ts";
import { conv2dInputGradOp } from "./conv2d.ts";
import type { ConvAttrs, ConvOptions } from "./geometry.ts";
import { checkBias, resolveConv, resolveSizes } from "./geometry.ts";

export interface ConvTransposeOptions<Sizes extends readonly number[]> extends Omit<ConvOptions<Sizes>, "padding"> {
  /** What the convolution was padded with: the result is smaller by this much on both sides. Default 0. */
  readonly padding?: number | Sizes;
  /** Added to the size at the end: a strided convolution has the same output for several sizes of input. Default 0. */
  readonly outputPadding?: number | Sizes;
}

export type ConvTranspose1dOptions = ConvTransposeOptions<readonly [number]>;
export type ConvTranspose2dOptions = ConvTransposeOptions<Pair>;

interface Transposed {
  readonly attrs: ConvAttrs;
  readonly shape: Shape;
}

/** The convolution that is transposed, and the shape of its images. Every refusal happens here. */
function resolveTransposed(op: string, rank: number, x: Tensor, w: Tensor, bias: Tensor | null | undefined, { outputPadding = 0, ...options }: ConvTransposeOptions<readonly number[]>): Transposed {
  const { stride, padding, dilation, groups } = resolveConv(op, rank, w.shape, options);
  const more = resolveSizes(op, "outputPadding", outputPadding, rank, 0);
  sameFloat(op, (bias ? [x, w, bias] : [x, w]).map((t) => t.dtype));
  const fail = (problem: string): never => {
    throw new ShapeError(op, `${problem} (input ${formatShape(x.shape)}, weights ${formatShape(w.shape)})`, [x.shape, w.shape]);
  };
  if (x.shape.length !== rank + 2 || w.shape.length !== rank + 2) {
    const axes = rank === 1 ? "length" : "height, width";
    fail(`needs an input [batch, channels, ${axes}] and weights [channels, out / groups, ${axes}].`);
  }
  if (x.shape[1] !== w.shape[0]) fail(`the input has ${x.shape[1]} channels, the weights read ${w.shape[0]}. They must be equal.`);
  if (w.shape[0] % groups !== 0) fail(`${w.shape[0]} channels cannot be split into ${groups} groups. Use a multiple.`);
  if (bias) checkBias(op, w.shape[1] * groups, w.shape, bias.shape);
  const sizes = x.shape.slice(2).map((length, axis) => {
    if (w.shape[2 + axis] === 0) fail("the kernel has no taps. Its sizes must be at least 1.");
    if (more[axis] >= Math.max(stride[axis], dilation[axis]))
      throw new ArgumentError(op, `outputPadding is ${more[axis]}, with stride ${stride[axis]} and dilation ${dilation[axis]}. It must be smaller than one of them.`);
    const size = (length - 1) * stride[axis] - 2 * padding[axis] + dilation[axis] * (w.shape[2 + axis] - 1) + more[axis] + 1;
    return size >= 1 ? size : fail(`the output would have the size ${size}. Use less padding or a larger kernel.`);
  });
  return {
    // No output of the convolution sees the pixels that outputPadding adds, so that it has the size of x again.
    attrs: { stride, padding, paddingAfter: padding.map((n, axis) => n - more[axis]), dilation, groups },
    shape: [x.shape[0], w.shape[1] * groups, ...sizes],
  };
}

const biased = (y: Tensor, bias: Tensor | null | undefined): Tensor => (bias ? add(y, reshape(bias, [bias.size, ...y.shape.slice(2).map(() => 1)])) : y);

/**
 * Transposed convolution ("deconvolution"): the gradient of conv2d for its images. Every number of x adds a kernel, times
 * the number, to the result.
 *
 *     y[n, o, i*stride + u*dilation - padding, ...] += w[c, o, u, v] * x[n, c, i, j], plus bias[o]
 *
 * @param x [batch, channels, height, width]
 * @param w weights [channels, out / groups, kernel height, kernel width]: those of the convolution that is transposed
 * @param options those of conv2d but "same"; outputPadding; bias [out]
 * @returns [batch, out, (height - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1, ...]
 * @throws ShapeError if channels differ or nothing would be left; ArgumentError unless outputPadding is smaller than the
 *   stride or the dilation
 * @example
 * import { convTranspose2d, tensor } from "@llr/tensor";
 * const x = tensor([[[[1, 10]]]]);
 * convTranspose2d(x, tensor([[[[1, 2, 3]]]]), { stride: [1, 2] }).toArray() // => [1, 2, 13, 20, 30]
 */
export function convTranspose2d(x: Tensor, w: Tensor, options: ConvTranspose2dOptions & { readonly bias?: Tensor | null } = {}): Tensor {
  const { bias, ...rest } = optionsOf("convTranspose2d", options);
  checkTensor("convTranspose2d", x);
  checkTensor("convTranspose2d", w);
  const { attrs, shape } = resolveTransposed("convTranspose2d", 2, x, w, bias, rest);
  return biased(apply(conv2dInputGradOp, [x, w], { ...attrs, inputShape: shape }), bias);
}

/**
 * Transposed convolution of sequences: {@link convTranspose2d} of images of one row.
 *
 * @param x [batch, channels, length]
 * @param w weights [channels, out / groups, kernel length]
 * @returns [batch, out, (length - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1]
 * @throws as {@link convTranspose2d}
 * @example
 * import { convTranspose1d, tensor } from "@llr/tensor";
 * convTranspose1d(tensor([[[1, 10]]]), tensor([[[1, 2, 3]]]), { stride: 2, outputPadding: 1 }).toArray() // => [1, 2, 13, 20, 30, 0]
 */
export function convTranspose1d(x: Tensor, w: Tensor, options: ConvTranspose1dOptions & { readonly bias?: Tensor | null } = {}): Tensor {
  const { bias, ...rest } = optionsOf("convTranspose1d", options);
  checkTensor("convTranspose1d", x);
  checkTensor("convTranspose1d", w);
  const { attrs, shape } = resolveTransposed("convTranspose1d", 1, x, w, bias, rest);
  const y = apply(conv2dInputGradOp, [reshape(x, asImage(x.shape)), reshape(w, asImage(w.shape))], { ...asRow(attrs), inputShape: asImage(shape) });
  return biased(reshape(y, shape), bias);
}
