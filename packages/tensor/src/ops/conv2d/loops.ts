// The three convolution kernels are one walk: every tap of the kernel pairs a rectangle of outputs with a rectangle of
// inputs. What differs is which of the three arrays is written. Sums are in double precision.
import type { Numbers } from "../../dtype.ts";
import type { Shape } from "../../shape.ts";
import type { Conv2dAttrs } from "./geometry.ts";
import { insideRange } from "./geometry.ts";

/** For one tap: output rows [y0, y1), columns [x0, x1), and where the tap's input for output (0, 0) would be. */
interface Tap {
  /** Position in the kernel, row-major. */
  readonly index: number;
  readonly y0: number;
  readonly y1: number;
  readonly x0: number;
  readonly x1: number;
  /** Input offset within a plane for output (0, 0); may be negative. */
  readonly offset: number;
}

interface Plan {
  readonly taps: readonly Tap[];
  readonly batch: number;
  readonly groups: number;
  readonly inPerGroup: number;
  readonly outPerGroup: number;
  readonly inPlane: number;
  readonly outPlane: number;
  readonly kernel: number;
  readonly outWidth: number;
  /** Input elements per output row and per output column. */
  readonly rowStep: number;
  readonly columnStep: number;
}

/** Shapes of images x, weights w and outputs y. */
export function planConv2d(x: Shape, w: Shape, y: Shape, { stride, padding, dilation, groups }: Conv2dAttrs): Plan {
  const [batch, channels, height, width] = x as [number, number, number, number];
  const [out, , kernelHeight, kernelWidth] = w as [number, number, number, number];
  const [, , outHeight, outWidth] = y as [number, number, number, number];
  const taps: Tap[] = [];
  for (let ky = 0; ky < kernelHeight; ky++)
    for (let kx = 0; kx < kernelWidth; kx++) {
      const dy = ky * dilation[0] - padding[0];
      const dx = kx * dilation[1] - padding[1];
      const rows = insideRange(height, outHeight, stride[0], dy);
      const columns = insideRange(width, outWidth, stride[1], dx);
      taps.push({ index: ky * kernelWidth + kx, y0: rows.from, y1: rows.to, x0: columns.from, x1: columns.to, offset: dy * width + dx });
    }
  return {
    taps, batch, groups, inPerGroup: channels / groups, outPerGroup: out / groups,
    inPlane: height * width, outPlane: outHeight * outWidth, kernel: kernelHeight * kernelWidth,
    outWidth, rowStep: stride[0] * width, columnStep: stride[1],
  };
}

/** y[n, o] = bias[o] + sum over c, taps of w[o, c, tap] * x[n, c] at the tap. */
export function convolve(y: Numbers, x: Numbers, w: Numbers, bias: Numbers | null, plan: Plan): void {
  const { taps, batch, groups, inPerGroup, outPerGroup, inPlane, outPlane, kernel, outWidth, rowStep, columnStep } = plan;
  const plane = new Float64Array(outPlane);
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < groups * outPerGroup; o++) {
      plane.fill(bias === null ? 0 : bias[o]!);
      const firstChannel = Math.floor(o / outPerGroup) * inPerGroup;
      for (let c = 0; c < inPerGroup; c++) {
        const image = (n * groups * inPerGroup + firstChannel + c) * inPlane;
        const weights = (o * inPerGroup + c) * kernel;
        for (const { index, y0, y1, x0, x1, offset } of taps) {
          const weight = w[weights + index]!;
          for (let row = y0; row < y1; row++) {
            let p = image + offset + row * rowStep + x0 * columnStep;
            for (let q = row * outWidth + x0, end = row * outWidth + x1; q < end; q++, p += columnStep) plane[q] = plane[q]! + weight * x[p]!;
          }
        }
      }
      y.set(plane, (n * groups * outPerGroup + o) * outPlane);
    }
}

/** dx[n, c] = sum over o, taps of w[o, c, tap] * dy[n, o], put where the tap read. */
export function convolveInputGrad(dx: Numbers, dy: Numbers, w: Numbers, plan: Plan): void {
  const { taps, batch, groups, inPerGroup, outPerGroup, inPlane, outPlane, kernel, outWidth, rowStep, columnStep } = plan;
  const plane = new Float64Array(inPlane);
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < groups * inPerGroup; c++) {
      plane.fill(0);
      const group = Math.floor(c / inPerGroup);
      for (let o = group * outPerGroup; o < (group + 1) * outPerGroup; o++) {
        const gradient = (n * groups * outPerGroup + o) * outPlane;
        const weights = (o * inPerGroup + (c % inPerGroup)) * kernel;
        for (const { index, y0, y1, x0, x1, offset } of taps) {
          const weight = w[weights + index]!;
          for (let row = y0; row < y1; row++) {
            let p = offset + row * rowStep + x0 * columnStep;
            for (let q = gradient + row * outWidth + x0, end = gradient + row * outWidth + x1; q < end; q++, p += columnStep) plane[p] = plane[p]! + weight * dy[q]!;
          }
        }
      }
      dx.set(plane, (n * groups * inPerGroup + c) * inPlane);
    }
}

/** dw[o, c, tap] = sum over n and outputs of dy[n, o] * x[n, c] at the tap. */
export function convolveWeightGrad(dw: Numbers, dy: Numbers, x: Numbers, plan: Plan): void {
  const { taps, batch, groups, inPerGroup, outPerGroup, inPlane, outPlane, kernel, outWidth, rowStep, columnStep } = plan;
  const sums = new Float64Array(kernel);
  for (let o = 0; o < groups * outPerGroup; o++)
    for (let c = 0; c < inPerGroup; c++) {
      sums.fill(0);
      const channel = Math.floor(o / outPerGroup) * inPerGroup + c;
      for (let n = 0; n < batch; n++) {
        const image = (n * groups * inPerGroup + channel) * inPlane;
        const gradient = (n * groups * outPerGroup + o) * outPlane;
        for (const { index, y0, y1, x0, x1, offset } of taps) {
          // Two sums, because one would wait four cycles for its own last addition.
          let even = 0;
          let odd = 0;
          for (let row = y0; row < y1; row++) {
            let p = image + offset + row * rowStep + x0 * columnStep;
            let q = gradient + row * outWidth + x0;
            const end = gradient + row * outWidth + x1;
            for (; q + 1 < end; q += 2, p += 2 * columnStep) {
              even += dy[q]! * x[p]!;
              odd += dy[q + 1]! * x[p + columnStep]!;
            }
            if (q < end) even += dy[q]! * x[p]!;
          }
          sums[index] = sums[index]! + even + odd;
        }
      }
      dw.set(sums, (o * inPerGroup + c) * kernel);
    }
}
