// Convolution as it is defined, one thread an element of the result. The form for any device and for small shapes.
import type { DeviceBuffer } from "../../device.ts";
import type { Dims, Kernel } from "../../gpu/kernel.ts";
import { LARGEST_EXACT } from "../../gpu/kernel.ts";
import type { Run } from "../../gpu/kernels.ts";
import { runBoth, sumOfParts } from "../../gpu/kernels.ts";
import { quotient } from "../../gpu/source.ts";
import type { ConvSizes } from "./gpuSizes.ts";

/**
 * About this many terms of a weight gradient are one thread's: enough to pay for writing the sum, few enough that there are
 * many threads and that rounding errors stay small.
 */
const TERMS_A_THREAD = 1024;
/** More parts, and the second stage would be the long one. */
const MOST_PARTS = 2048;

const imagesOf = ({ batch, groups, channels, height, width }: ConvSizes): Dims => [batch * groups * channels, height, width];
const outputsOf = ({ batch, groups, out, outHeight, outWidth }: ConvSizes): Dims => [batch * groups * out, outHeight, outWidth];
const weightsOf = ({ groups, out, channels, kernel }: ConvSizes): Dims => [groups * out * channels, kernel[0], kernel[1]];

/** Padding counts as zeros, not as nothing: zero times an infinite weight is NaN, on every home. */
export function forwardKernel(sizes: ConvSizes, hasBias: boolean): Kernel {
  const { batch, groups, channels, height, width, out, outHeight, outWidth, kernel, stride, padding, dilation } = sizes;
  return {
    name: "conv2d",
    inputs: [imagesOf(sizes), weightsOf(sizes), ...(hasBias ? [[groups * out] as const] : [])],
    output: [batch, groups * out * outHeight, outWidth],
    source: `function (x, w${hasBias ? ", bias" : ""}) {
  const o = ${quotient("this.thread.y", outHeight)};
  const first = this.thread.z * ${groups * channels}${groups === 1 ? "" : ` + ${quotient("o", out)} * ${channels}`};
  const top = (this.thread.y - o * ${outHeight}) * ${stride[0]} - ${padding[0]};
  const left = this.thread.x * ${stride[1]} - ${padding[1]};
  let sum = ${hasBias ? "bias[o]" : "0"};
  for (let c = 0; c < ${channels}; c++) {
    for (let u = 0; u < ${kernel[0]}; u++) {
      for (let v = 0; v < ${kernel[1]}; v++) {
        const row = top + u * ${dilation[0]};
        const column = left + v * ${dilation[1]};
        let pixel = 0;
        if (row >= 0 && row < ${height} && column >= 0 && column < ${width}) pixel = x[first + c][row][column];
        sum += pixel * w[o * ${channels} + c][u][v];
      }
    }
  }
  return sum;
}`,
  };
}

/** For each pixel, the outputs that have seen it: those at (pixel + padding - tap) / stride, where that is a whole number. */
export function inputGradKernel(sizes: ConvSizes): Kernel {
  const { batch, groups, channels, height, width, out, outHeight, outWidth, kernel, stride, padding, dilation } = sizes;
  const divides = (by: number, quotient: string, x: string): string => (by === 1 ? "" : ` && ${quotient} * ${by} === ${x}`);
  return {
    name: "conv2dInputGrad",
    inputs: [outputsOf(sizes), weightsOf(sizes)],
    output: [batch, groups * channels * height, width],
    source: `function (dy, w) {
  const plane = ${quotient("this.thread.y", height)};
  const group = ${groups === 1 ? "0" : quotient("plane", channels)};
  const c = plane - group * ${channels};
  const bottom = this.thread.y - plane * ${height} + ${padding[0]};
  const right = this.thread.x + ${padding[1]};
  let sum = 0;
  for (let o = 0; o < ${out}; o++) {
    for (let u = 0; u < ${kernel[0]}; u++) {
      for (let v = 0; v < ${kernel[1]}; v++) {
        const down = bottom - u * ${dilation[0]};
        const across = right - v * ${dilation[1]};
        const row = ${quotient("down", stride[0])};
        const column = ${quotient("across", stride[1])};
        if (row >= 0 && row < ${outHeight}${divides(stride[0], "row", "down")} && column >= 0 && column < ${outWidth}${divides(stride[1], "column", "across")})
          sum += dy[this.thread.z * ${groups * out} + group * ${out} + o][row][column] * w[(group * ${out} + o) * ${channels} + c][u][v];
      }
    }
  }
  return sum;
}`,
  };
}

/** In two stages, for there are few weights and many terms: sums over some rows of the outputs, then their sum. */
export function weightGrad(run: Run, inputs: readonly DeviceBuffer[], sizes: ConvSizes): DeviceBuffer {
  const weights = sizes.groups * sizes.out * sizes.channels * sizes.kernel[0] * sizes.kernel[1];
  const rows = sizes.batch * sizes.outHeight;
  const most = Math.max(1, Math.min(rows, MOST_PARTS, Math.floor(LARGEST_EXACT / Math.max(1, weights))));
  const rowsOfPart = Math.max(Math.ceil(rows / most), Math.floor(TERMS_A_THREAD / sizes.outWidth), 1);
  const parts = Math.max(1, Math.ceil(rows / rowsOfPart));
  const kernel = weightGradKernel(sizes, parts, rowsOfPart);
  return parts === 1 ? run(kernel, inputs) : runBoth(run, kernel, inputs, sumOfParts(kernel.name, parts, weights));
}

/** The sums of each part, one after the other: over rows of the outputs, counted through all images. */
function weightGradKernel(sizes: ConvSizes, parts: number, rowsOfPart: number): Kernel {
  const { batch, groups, channels, height, width, out, outHeight, outWidth, kernel, stride, padding, dilation } = sizes;
  const taps = kernel[0] * kernel[1];
  return {
    name: "conv2dWeightGrad",
    inputs: [outputsOf(sizes), imagesOf(sizes)],
    output: [parts, groups * out, channels * taps],
    source: `function (dy, x) {
  const o = this.thread.y;
  const c = ${quotient("this.thread.x", taps)};
  const u = ${quotient(`(this.thread.x - c * ${taps})`, kernel[1])};
  const v = this.thread.x - c * ${taps} - u * ${kernel[1]};
  const plane = c${groups === 1 ? "" : ` + ${quotient("o", out)} * ${channels}`};
  let sum = 0;
  for (let i = 0; i < ${rowsOfPart}; i++) {
    const r = this.thread.z * ${rowsOfPart} + i;
    const n = ${quotient("r", outHeight)};
    const j = r - n * ${outHeight};
    const row = j * ${stride[0]} + u * ${dilation[0]} - ${padding[0]};
    for (let k = 0; k < ${outWidth}; k++) {
      const column = k * ${stride[1]} + v * ${dilation[1]} - ${padding[1]};
      let pixel = 0;
      if (r < ${batch * outHeight} && row >= 0 && row < ${height} && column >= 0 && column < ${width}) pixel = x[n * ${groups * channels} + plane][row][column];
      if (r < ${batch * outHeight}) sum += dy[n * ${groups * out} + o][j][k] * pixel;
    }
  }
  return sum;
}`,
  };
}
