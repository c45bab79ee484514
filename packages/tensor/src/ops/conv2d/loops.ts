// The reference kernels of convolution. Each unfolds an image into a matrix whose columns are the patches that the kernel
// sees: then all three are products of matrices. Sums run in double precision, over the whole batch where there is one.
import type { Numbers } from "../../dtype.ts";
import type { Shape } from "../../shape.ts";
import type { Matrix } from "../matmul/gemm.ts";
import { gemm } from "../matmul/gemm.ts";
import type { ConvAttrs } from "./geometry.ts";
import { insideRange } from "./geometry.ts";

/** One tap of the kernel: the outputs whose tap lies inside the image, and where it lies for output (0, 0, 0). */
interface Tap {
  /** Output slices [z0, z1), rows [y0, y1) and columns [x0, x1). */
  readonly z0: number;
  readonly z1: number;
  readonly y0: number;
  readonly y1: number;
  readonly x0: number;
  readonly x1: number;
  /** Offset within a channel of an image; may be negative. */
  readonly offset: number;
}

export interface ConvPlan {
  readonly taps: readonly Tap[];
  readonly batch: number;
  readonly groups: number;
  /** Channels of one group: of the images and of the output. */
  readonly inChannels: number;
  readonly outChannels: number;
  /** Pixels of one channel: of the images and of the output. */
  readonly inPixels: number;
  readonly outPixels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  /** Steps in the image for one output slice, row, and column. */
  readonly sliceStep: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

type Three = readonly [number, number, number];

/** Shapes of images x, weights w and outputs y. Images are volumes of one slice. */
export function planConv(x: Shape, w: Shape, y: Shape, attrs: ConvAttrs): ConvPlan {
  const lift = (sizes: readonly number[], filler: number): Three => [...(sizes.length === 2 ? [filler] : []), ...sizes] as never;
  const [depth, height, width] = lift(x.slice(2), 1);
  const kernel = lift(w.slice(2), 1);
  const [outDepth, outHeight, outWidth] = lift(y.slice(2), 1);
  const [stride, padding, dilation] = [lift(attrs.stride, 1), lift(attrs.padding, 0), lift(attrs.dilation, 1)];
  const taps: Tap[] = [];
  for (let kz = 0; kz < kernel[0]; kz++)
    for (let ky = 0; ky < kernel[1]; ky++)
      for (let kx = 0; kx < kernel[2]; kx++) {
        const dz = kz * dilation[0] - padding[0];
        const dy = ky * dilation[1] - padding[1];
        const dx = kx * dilation[2] - padding[2];
        const slices = insideRange(depth, outDepth, stride[0], dz);
        const rows = insideRange(height, outHeight, stride[1], dy);
        const columns = insideRange(width, outWidth, stride[2], dx);
        taps.push({ z0: slices.from, z1: slices.to, y0: rows.from, y1: rows.to, x0: columns.from, x1: columns.to, offset: (dz * height + dy) * width + dx });
      }
  const { groups } = attrs;
  return {
    taps, batch: x[0], groups, inChannels: x[1] / groups, outChannels: w[0] / groups, inPixels: depth * height * width,
    outPixels: outDepth * outHeight * outWidth, outHeight, outWidth,
    sliceStep: stride[0] * height * width, rowStep: stride[1] * width, columnStep: stride[2],
  };
}

const matrix = (data: Numbers, columns: number, start = 0): Matrix => ({ data, start, row: columns, column: 1 });
const transposed = (data: Numbers, columns: number, start = 0): Matrix => ({ data, start, row: 1, column: columns });
const sameType = (like: Numbers, length: number): Numbers => (like instanceof Float64Array ? new Float64Array(length) : new Float32Array(length));

/** patches[(channel, tap), pixel] = what the tap sees at that output pixel; 0 in the padding. */
function unfold(patches: Numbers, x: Numbers, start: number, { taps, inChannels, inPixels, outPixels, outHeight, outWidth, sliceStep, rowStep, columnStep }: ConvPlan): void {
  patches.fill(0);
  for (let c = 0, row = 0; c < inChannels; c++)
    for (const { z0, z1, y0, y1, x0, x1, offset } of taps) {
      for (let z = z0; z < z1; z++)
        for (let y = y0; y < y1; y++) {
          let p = start + c * inPixels + offset + z * sliceStep + y * rowStep + x0 * columnStep;
          for (let q = row * outPixels + (z * outHeight + y) * outWidth + x0, end = q + x1 - x0; q < end; q++, p += columnStep) patches[q] = x[p];
        }
      row++;
    }
}

/** The reverse of `unfold`: adds every patch to the pixels that it was taken from. */
function fold(images: Float64Array, patches: Float64Array, { taps, inChannels, inPixels, outPixels, outHeight, outWidth, sliceStep, rowStep, columnStep }: ConvPlan): void {
  images.fill(0);
  for (let c = 0, row = 0; c < inChannels; c++)
    for (const { z0, z1, y0, y1, x0, x1, offset } of taps) {
      for (let z = z0; z < z1; z++)
        for (let y = y0; y < y1; y++) {
          let p = c * inPixels + offset + z * sliceStep + y * rowStep + x0 * columnStep;
          for (let q = row * outPixels + (z * outHeight + y) * outWidth + x0, end = q + x1 - x0; q < end; q++, p += columnStep) images[p] = images[p] + patches[q];
        }
      row++;
    }
}

/** y[n] = w * patches of x[n], plus bias. */
export function convolve(y: Numbers, x: Numbers, w: Numbers, bias: Numbers | null, plan: ConvPlan): void {
  const { batch, groups, inChannels, outChannels, inPixels, outPixels, taps } = plan;
  const depth = inChannels * taps.length;
  const patches = sameType(x, depth * outPixels);
  const sums = new Float64Array(outChannels * outPixels);
  for (let n = 0; n < batch; n++)
    for (let g = 0; g < groups; g++) {
      for (let o = 0; o < outChannels; o++) sums.fill(bias === null ? 0 : bias[g * outChannels + o], o * outPixels, (o + 1) * outPixels);
      unfold(patches, x, (n * groups + g) * inChannels * inPixels, plan);
      gemm(sums, 0, matrix(w, depth, g * outChannels * depth), matrix(patches, outPixels), outChannels, outPixels, depth, true);
      y.set(sums, (n * groups + g) * outChannels * outPixels);
    }
}

/** dx[n]: the patches w^T * dy[n], folded back into images. */
export function convolveInputGrad(dx: Numbers, dy: Numbers, w: Numbers, plan: ConvPlan): void {
  const { batch, groups, inChannels, outChannels, inPixels, outPixels, taps } = plan;
  const depth = inChannels * taps.length;
  const patches = new Float64Array(depth * outPixels);
  const images = new Float64Array(inChannels * inPixels);
  for (let n = 0; n < batch; n++)
    for (let g = 0; g < groups; g++) {
      gemm(patches, 0, transposed(w, depth, g * outChannels * depth), matrix(dy, outPixels, (n * groups + g) * outChannels * outPixels), depth, outPixels, outChannels);
      fold(images, patches, plan);
      dx.set(images, (n * groups + g) * inChannels * inPixels);
    }
}

/** dw = sum over n of dy[n] * (patches of x[n])^T. */
export function convolveWeightGrad(dw: Numbers, dy: Numbers, x: Numbers, plan: ConvPlan): void {
  const { batch, groups, inChannels, outChannels, inPixels, outPixels, taps } = plan;
  const depth = inChannels * taps.length;
  const patches = sameType(x, depth * outPixels);
  const sums = new Float64Array(groups * outChannels * depth);
  for (let n = 0; n < batch; n++)
    for (let g = 0; g < groups; g++) {
      unfold(patches, x, (n * groups + g) * inChannels * inPixels, plan);
      gemm(sums, g * outChannels * depth, matrix(dy, outPixels, (n * groups + g) * outChannels * outPixels), transposed(patches, outPixels), outChannels, depth, outPixels, true);
    }
  dw.set(sums);
}
