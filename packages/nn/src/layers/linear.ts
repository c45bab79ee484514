import type { Parameter } from "@llr/autograd";
import { parameter } from "@llr/autograd";
import type { Rng, Shape, Tensor } from "@llr/tensor";
import { linear } from "@llr/tensor";
import { sizeOf } from "@llr/tensor/engine";
import { biasUniform, kaimingUniform } from "../init.ts";
import { Module } from "../module.ts";
import { checkSizes, checkWeight, drawingOptions } from "../sizes.ts";

export interface LinearOptions {
  readonly rng: Rng;
  /** Default true. */
  readonly bias?: boolean;
  /** f64 is for checking gradients. Default f32. */
  readonly dtype?: "f32" | "f64";
}

/**
 * y = x W^T + b. Weight and bias start uniform in +-1/sqrt(inFeatures), PyTorch's default.
 *
 * Shapes: weight [outFeatures, inFeatures], bias [outFeatures]; x [..., inFeatures], y [..., outFeatures].
 *
 * @throws ArgumentError for a size that is no whole number of at least 1, MemoryError for more than 4 GiB, as all layers
 * @example
 * import { Linear } from "@llr/nn";
 * import { Rng, tensor } from "@llr/tensor";
 * const layer = new Linear(3, 2, { rng: new Rng(1) });
 * layer.weight.load({ shape: [2, 3], data: [1, 0, 0, 0, 1, 1] });
 * layer.bias?.load({ shape: [2], data: [10, 20] });
 * layer.forward(tensor([[1, 2, 3]])).toArray() // => [11, 25]
 */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions) {
    super();
    const { rng, bias = true, dtype = "f32" } = drawingOptions("Linear", options);
    checkSizes("Linear", { inFeatures, outFeatures });
    const shape = [outFeatures, inFeatures];
    checkWeight("Linear", shape, dtype);
    this.weight = parameter(kaimingUniform(shape, { rng, dtype, nonlinearity: "leakyRelu", param: Math.sqrt(5) }));
    this.bias = bias ? parameter(biasUniform(shape, { rng, dtype })) : null;
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  override multiplyAdds(_: Shape, output: Shape): number {
    return sizeOf(output) * this.weight.shape[1];
  }
}
