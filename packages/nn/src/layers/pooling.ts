import type { Pair, Pool2dOptions, Tensor } from "@llr/tensor";
import { avgPool2d, maxPool2d } from "@llr/tensor";
import { Module } from "../module.ts";

type WindowOptions = Omit<Pool2dOptions, "kernel">;

/**
 * Maximum over windows of each channel: [batch, channels, height, width] to [batch, channels, ...] as `maxPool2d` says.
 *
 * @example
 * import { MaxPool2d } from "@llr/nn";
 * import { zeros } from "@llr/tensor";
 * new MaxPool2d(2).forward(zeros([1, 6, 28, 28])).shape // => [1, 6, 14, 14]
 */
export class MaxPool2d extends Module {
  private readonly options: Pool2dOptions;

  constructor(kernel: number | Pair, options: WindowOptions = {}) {
    super();
    this.options = { ...options, kernel };
  }

  forward(x: Tensor): Tensor {
    return maxPool2d(x, this.options);
  }
}

/** Mean over windows of each channel, as `avgPool2d` says. */
export class AvgPool2d extends Module {
  private readonly options: Pool2dOptions & { readonly countIncludePad?: boolean };

  constructor(kernel: number | Pair, options: WindowOptions & { readonly countIncludePad?: boolean } = {}) {
    super();
    this.options = { ...options, kernel };
  }

  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.options);
  }
}
