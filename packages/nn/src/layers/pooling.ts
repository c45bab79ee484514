import type { AvgPoolOptions, MaxPoolOptions, OutputSize, Pair, Tensor } from "@llr/tensor";
import { adaptiveAvgPool2d, adaptiveMaxPool2d, avgPool1d, avgPool2d, maxPool1d, maxPool2d, upsampleNearest2d } from "@llr/tensor";
import { Module } from "../module.ts";
import { checkSizes } from "../sizes.ts";

type One = readonly [number];
type Window = { readonly [key in "stride" | "padding" | "dilation"]?: number | readonly number[] | undefined };

function checkWindow(layer: string, kernel: number | readonly number[], { stride, padding, dilation }: Window): void {
  checkSizes(layer, { kernel, stride, dilation });
  checkSizes(layer, { padding }, 0);
}

/**
 * Maximum over windows of each channel: [batch, channels, height, width] to [batch, channels, ...] as `maxPool2d` says.
 *
 * @example
 * import { MaxPool2d } from "@llr/nn";
 * import { zeros } from "@llr/tensor";
 * new MaxPool2d(2).forward(zeros([1, 6, 28, 28])).shape // => [1, 6, 14, 14]
 */
export class MaxPool2d extends Module {
  private readonly options: MaxPoolOptions<Pair>;

  constructor(kernel: number | Pair, options: Omit<MaxPoolOptions<Pair>, "kernel"> = {}) {
    super();
    checkWindow("MaxPool2d", kernel, options);
    this.options = { ...options, kernel };
  }

  forward(x: Tensor): Tensor {
    return maxPool2d(x, this.options);
  }
}

/** Mean over windows of each channel, as `avgPool2d` says. */
export class AvgPool2d extends Module {
  private readonly options: AvgPoolOptions<Pair>;

  constructor(kernel: number | Pair, options: Omit<AvgPoolOptions<Pair>, "kernel"> = {}) {
    super();
    checkWindow("AvgPool2d", kernel, options);
    this.options = { ...options, kernel };
  }

  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.options);
  }
}

/** Maximum over windows of each channel of sequences [batch, channels, length], as `maxPool1d` says. */
export class MaxPool1d extends Module {
  private readonly options: MaxPoolOptions<One>;

  constructor(kernel: number, options: Omit<MaxPoolOptions<One>, "kernel"> = {}) {
    super();
    checkWindow("MaxPool1d", kernel, options);
    this.options = { ...options, kernel };
  }

  forward(x: Tensor): Tensor {
    return maxPool1d(x, this.options);
  }
}

/** Mean over windows of each channel of sequences [batch, channels, length], as `avgPool1d` says. */
export class AvgPool1d extends Module {
  private readonly options: AvgPoolOptions<One>;

  constructor(kernel: number, options: Omit<AvgPoolOptions<One>, "kernel"> = {}) {
    super();
    checkWindow("AvgPool1d", kernel, options);
    this.options = { ...options, kernel };
  }

  forward(x: Tensor): Tensor {
    return avgPool1d(x, this.options);
  }
}

/**
 * Mean over as many windows as the output has pixels; 1: over the whole image.
 *
 * @example
 * import { AdaptiveAvgPool2d } from "@llr/nn";
 * import { zeros } from "@llr/tensor";
 * new AdaptiveAvgPool2d(1).forward(zeros([2, 64, 8, 8])).shape // => [2, 64, 1, 1]
 */
export class AdaptiveAvgPool2d extends Module {
  private readonly outputSize: OutputSize;

  constructor(outputSize: OutputSize) {
    super();
    checkSizes(new.target.name, { outputSize: [outputSize].flat().filter((n) => n !== null) });
    this.outputSize = outputSize;
  }

  forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }
}

/** Maximum over as many windows as the output has pixels. */
export class AdaptiveMaxPool2d extends Module {
  private readonly outputSize: OutputSize;

  constructor(outputSize: OutputSize) {
    super();
    checkSizes(new.target.name, { outputSize: [outputSize].flat().filter((n) => n !== null) });
    this.outputSize = outputSize;
  }

  forward(x: Tensor): Tensor {
    return adaptiveMaxPool2d(x, this.outputSize);
  }
}

/** Images enlarged by repeating pixels, as `upsampleNearest2d` says. */
export class UpsampleNearest2d extends Module {
  private readonly scale: number | Pair;

  constructor(scale: number | Pair) {
    super();
    checkSizes("UpsampleNearest2d", { scale });
    this.scale = scale;
  }

  forward(x: Tensor): Tensor {
    return upsampleNearest2d(x, this.scale);
  }
}
