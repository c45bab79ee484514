import type { Parameter } from "@llr/autograd";
import { parameter } from "@llr/autograd";
import type { Conv2dOptions as ConvolutionOptions, Pair, Tensor } from "@llr/tensor";
import { conv2d } from "@llr/tensor";
import { biasUniform, kaimingUniform } from "../init.ts";
import { Module } from "../module.ts";
import type { LinearOptions } from "./linear.ts";

export interface Conv2dOptions extends LinearOptions, ConvolutionOptions {}

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
export class Conv2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  private readonly options: ConvolutionOptions;

  constructor(inChannels: number, outChannels: number, kernel: number | Pair, { rng, bias = true, dtype = "f32", ...options }: Conv2dOptions) {
    super();
    const [height, width] = typeof kernel === "number" ? [kernel, kernel] : kernel;
    const shape = [outChannels, inChannels / (options.groups ?? 1), height, width];
    this.weight = parameter(kaimingUniform(shape, { rng, dtype, nonlinearity: "leakyRelu", param: Math.sqrt(5) }));
    this.bias = bias ? parameter(biasUniform(shape, { rng, dtype })) : null;
    this.options = options;
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, { ...this.options, bias: this.bias });
  }
}
