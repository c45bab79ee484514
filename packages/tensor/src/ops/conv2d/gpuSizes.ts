import type { Shape } from "../../shape.ts";
import type { ConvAttrs } from "./geometry.ts";

/** Sizes of a convolution under the names that its kernels for devices use. Channels and outputs are those of one group. */
export interface ConvSizes {
  readonly batch: number;
  readonly groups: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly out: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernel: readonly [number, number];
  /** Vertical, horizontal; so are the others. */
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/** For images x, weights w and outputs y. Padding behind the last pixel shows in the size of y alone. */
export function convSizes([x, w, y]: readonly [Shape, Shape, Shape], { stride, padding, dilation, groups }: ConvAttrs): ConvSizes {
  const pair = (sizes: readonly number[]): readonly [number, number] => [sizes[0], sizes[1]];
  return {
    batch: x[0], groups, channels: w[1], height: x[2], width: x[3],
    out: w[0] / groups, outHeight: y[2], outWidth: y[3],
    kernel: pair(w.slice(2)), stride: pair(stride), padding: pair(padding), dilation: pair(dilation),
  };
}
