// What several models are made of.
import type { Pair, Rng, Tensor } from "@llr/tensor";
import { kaimingNormal } from "../init.ts";
import { BatchNorm2d } from "../layers/batchNorm.ts";
import { Conv2d, type Conv2dOptions } from "../layers/convolution.ts";
import { Module } from "../module.ts";

export interface Source {
  readonly rng: Rng;
  readonly dtype: "f32" | "f64";
}

/** Every layer draws from the stream of its own name. */
export const sourceOf = ({ rng, dtype }: Source, name: string): Source => ({ rng: rng.stream(name), dtype });

/**
 * A convolution that batch normalisation follows or precedes: without bias, its weights normal with the variance 2 / fanOut,
 * which keeps that of the gradients through ReLU (He et al. 2015), as PyTorch's model zoo starts residual nets.
 */
export function plainConv(inChannels: number, outChannels: number, kernel: number | Pair, options: Omit<Conv2dOptions, "bias">): Conv2d {
  const layer = new Conv2d(inChannels, outChannels, kernel, { ...options, bias: false });
  layer.weight.load(kaimingNormal(layer.weight.shape, { rng: options.rng, dtype: options.dtype ?? "f32", mode: "fanOut" }));
  return layer;
}

export const norm = (channels: number, { dtype }: Source): BatchNorm2d => new BatchNorm2d(channels, { dtype });

/** x itself. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
}
