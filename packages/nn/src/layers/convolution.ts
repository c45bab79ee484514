import type { Parameter } from "@llr/autograd";
import { parameter } from "@llr/autograd";
import type { Conv1dOptions as Options1d, Conv2dOptions as Options2d, Conv3dOptions as Options3d, ConvTranspose1dOptions as TransposeOptions1d, ConvTranspose2dOptions as TransposeOptions2d, Pair, Shape, Tensor } from "@llr/tensor";
import { ArgumentError, conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d } from "@llr/tensor";
import { sizeOf } from "@llr/tensor/engine";
import { biasUniform, kaimingUniform } from "../init.ts";
import { Module } from "../module.ts";
import { checkSizes, checkWeight, drawingOptions } from "../sizes.ts";
import type { LinearOptions } from "./linear.ts";

export type Conv1dOptions = LinearOptions & Options1d;
export type Conv2dOptions = LinearOptions & Options2d;
export type Conv3dOptions = LinearOptions & Options3d;
export type ConvTranspose1dOptions = LinearOptions & TransposeOptions1d;
export type ConvTranspose2dOptions = LinearOptions & TransposeOptions2d;

type Geometry<O> = Omit<O, keyof LinearOptions>;

/** What convolutions share. Weight and bias start uniform in +-1/sqrt(fanIn), PyTorch's default. */
abstract class Convolution<O extends LinearOptions & { readonly groups?: number }> extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  protected readonly geometry: Geometry<O>;

  /** The weight is [rows, columns / groups, ...kernel]. */
  protected constructor(name: string, rows: number, columns: number, outChannels: number, kernel: readonly number[], options: O) {
    super();
    const { rng, bias = true, dtype = "f32", ...geometry } = drawingOptions(name, options);
    const { groups = 1, stride, dilation, padding, outputPadding } = geometry as { readonly [key: string]: number | readonly number[] | undefined } & { readonly groups?: number };
    checkSizes(name, { inChannels: rows === outChannels ? columns : rows, outChannels, kernel, groups, stride, dilation });
    checkSizes(name, { ...((padding as unknown) !== "same" && { padding }), outputPadding }, 0);
    if (rows % groups !== 0 || columns % groups !== 0) throw new ArgumentError(name, `${rows} and ${columns} channels cannot both be split into ${groups} groups. Use multiples.`);
    const shape = [rows, columns / groups, ...kernel];
    checkWeight(name, shape, dtype);
    this.weight = parameter(kaimingUniform(shape, { rng, dtype, nonlinearity: "leakyRelu", param: Math.sqrt(5) }));
    this.bias = bias ? parameter(biasUniform([outChannels, ...shape.slice(1)], { rng, dtype })) : null;
    this.geometry = geometry as Geometry<O>;
  }

  /** Every number of the output is a product with one row of the weight, where the window lies over padding too. */
  override multiplyAdds(_: Shape, output: Shape): number {
    return sizeOf(output) * sizeOf(this.weight.shape.slice(1));
  }
}

/** Every number of the input is multiplied with one row of the weight, what padding cuts off included. */
abstract class TransposedConvolution<O extends LinearOptions & { readonly groups?: number }> extends Convolution<O> {
  override multiplyAdds(input: Shape): number {
    return sizeOf(input) * sizeOf(this.weight.shape.slice(1));
  }
}

const sizes = (kernel: number | readonly number[], rank: number): readonly number[] => (typeof kernel === "number" ? Array.from({ length: rank }, () => kernel) : kernel);

/**
 * One-dimensional convolution with a bias for each output channel. Weight and bias start uniform in +-1/sqrt(fanIn), fanIn =
 * channels / groups * kernel, PyTorch's default.
 *
 * Shapes: weight [outChannels, inChannels / groups, length], bias [outChannels]; x [batch, inChannels, length], y [batch,
 * outChannels, ...] as `conv1d` says.
 */
export class Conv1d extends Convolution<Conv1dOptions> {
  constructor(inChannels: number, outChannels: number, kernel: number, options: Conv1dOptions) {
    super("Conv1d", outChannels, inChannels, outChannels, [kernel], options);
  }

  forward(x: Tensor): Tensor {
    return conv1d(x, this.weight, { ...this.geometry, bias: this.bias });
  }
}

/**
 * Two-dimensional convolution with a bias for each output channel. Weight and bias start uniform in +-1/sqrt(fanIn),
 * fanIn = channels / groups * kernel height * kernel width, PyTorch's default.
 *
 * Shapes: weight [outChannels, inChannels / groups, height, width], bias [outChannels]; x [batch, inChannels, height,
 * width], y [batch, outChannels, ...] as `conv2d` says.
 *
 * @example
 * import { Conv2d } from "@llr/nn";
 * import { Rng, zeros } from "@llr/tensor";
 * const layer = new Conv2d(1, 6, 5, { rng: new Rng(1), padding: 2 });
 * layer.forward(zeros([8, 1, 28, 28])).shape // => [8, 6, 28, 28]
 */
export class Conv2d extends Convolution<Conv2dOptions> {
  constructor(inChannels: number, outChannels: number, kernel: number | Pair, options: Conv2dOptions) {
    super("Conv2d", outChannels, inChannels, outChannels, sizes(kernel, 2), options);
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, { ...this.geometry, bias: this.bias });
  }
}

/** Three-dimensional convolution, as {@link Conv2d} with a depth: x [batch, inChannels, depth, height, width]. */
export class Conv3d extends Convolution<Conv3dOptions> {
  constructor(inChannels: number, outChannels: number, kernel: number | readonly [number, number, number], options: Conv3dOptions) {
    super("Conv3d", outChannels, inChannels, outChannels, sizes(kernel, 3), options);
  }

  forward(x: Tensor): Tensor {
    return conv3d(x, this.weight, { ...this.geometry, bias: this.bias });
  }
}

/**
 * Transposed convolution of sequences. The weight is that of the convolution which it reverses: [inChannels, outChannels /
 * groups, length]. Its start is uniform in +-1/sqrt(outChannels / groups * length), as PyTorch has it.
 */
export class ConvTranspose1d extends TransposedConvolution<ConvTranspose1dOptions> {
  constructor(inChannels: number, outChannels: number, kernel: number, options: ConvTranspose1dOptions) {
    super("ConvTranspose1d", inChannels, outChannels, outChannels, [kernel], options);
  }

  forward(x: Tensor): Tensor {
    return convTranspose1d(x, this.weight, { ...this.geometry, bias: this.bias });
  }
}

/**
 * Transposed convolution of images. The weight is that of the convolution which it reverses: [inChannels, outChannels /
 * groups, height, width]. Its start is uniform in +-1/sqrt(outChannels / groups * height * width), as PyTorch has it.
 *
 * @example
 * import { ConvTranspose2d } from "@llr/nn";
 * import { Rng, zeros } from "@llr/tensor";
 * const layer = new ConvTranspose2d(6, 3, 2, { rng: new Rng(1), stride: 2 });
 * layer.weight.shape // => [6, 3, 2, 2]
 * layer.forward(zeros([1, 6, 7, 7])).shape // => [1, 3, 14, 14]
 */
export class ConvTranspose2d extends TransposedConvolution<ConvTranspose2dOptions> {
  constructor(inChannels: number, outChannels: number, kernel: number | Pair, options: ConvTranspose2dOptions) {
    super("ConvTranspose2d", inChannels, outChannels, outChannels, sizes(kernel, 2), options);
  }

  forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, { ...this.geometry, bias: this.bias });
  }
}
