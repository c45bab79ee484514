import { apply, applyWithAux } from "../../apply.ts";
import { heapArray } from "../../dtype.ts";
import { ones, tensor, zeros } from "../../create.ts";
import { ArgumentError, ShapeError } from "../../errors.ts";
import type { Fused } from "../../op.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import { parallel } from "../../simd/parallel.ts";
import type { Tensor } from "../../tensor.ts";
import { numbersOf } from "../../tensor.ts";
import { add } from "../elementwise/add.ts";
import { div } from "../elementwise/div.ts";
import { mul } from "../elementwise/mul.ts";
import { sqrt } from "../elementwise/sqrt.ts";
import { sub } from "../elementwise/sub.ts";
import { mean } from "../reduce/mean.ts";
import { reshape } from "../shape/reshape.ts";

interface NormAttrs {
  readonly eps: number;
}

interface Sizes {
  readonly batch: number;
  readonly channels: number;
  /** Numbers of one channel of one image. */
  readonly pixels: number;
  /** Channels that are worth handing to a thread. */
  readonly grain: number;
}

function sizesOf([batch, channels, ...rest]: Shape): Sizes {
  const pixels = sizeOf(rest);
  return { batch, channels, pixels, grain: Math.max(1, Math.ceil(8192 / Math.max(1, batch * pixels))) };
}

/** With fewer numbers than this in a channel, single precision shows in gradients that nearly vanish. */
const FEWEST_FOR_SIMD = 16;

function checkChannels(op: string, [x, ...perChannel]: readonly Shape[]): Shape {
  if (x.length < 2) throw new ShapeError(op, `the input is ${formatShape(x)}. It needs [batch, channels, ...].`, [x]);
  for (const shape of perChannel)
    if (shape.length !== 1 || shape[0] !== x[1])
      throw new ShapeError(op, `weight, bias and statistics have the shapes ${perChannel.map(formatShape).join(", ")}, the input is ${formatShape(x)}. Each needs one number for each of the ${x[1]} channels.`, [x, shape]);
  return x;
}

/** Calls `visit` with every channel and the place of each of its runs of pixels. */
function forEachRun({ batch, channels, pixels }: Sizes, channel: number, visit: (from: number, to: number) => void): void {
  for (let n = 0; n < batch; n++) {
    const from = (n * channels + channel) * pixels;
    visit(from, from + pixels);
  }
}

const perChannel = (t: Tensor, rank: number): Tensor => reshape(t, [t.size, ...Array.from({ length: rank - 2 }, () => 1)]);
const affine = (x: Tensor, centre: Tensor, variance: Tensor, weight: Tensor, bias: Tensor, eps: number): Tensor =>
  add(mul(div(sub(x, centre), sqrt(add(variance, eps))), perChannel(weight, x.shape.length)), perChannel(bias, x.shape.length));

export const batchNormOp: Fused<NormAttrs> = {
  kind: "fused",
  name: "batchNorm",
  shape: (shapes) => {
    const x = checkChannels("batchNorm", shapes);
    if (sizeOf(x) === x[1] && x[1] > 0) throw new ShapeError("batchNorm", `the input is ${formatShape(x)}, one number for each channel: its variance is 0 whatever it is. Training needs at least two; use a larger batch, or batchNormInference.`, [x]);
    return x;
  },
  /** Means, then variances (divided by the count) of the channels. */
  aux: ([x]) => [{ shape: [2, x[1]], dtype: "f64" }],
  saves: [0, 1, 2],
  nan: "propagates",
  definition: ([x, weight, bias], { eps }) => {
    const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
    const centre = mean(x, { axes, keepDims: true });
    const off = sub(x, centre);
    return affine(x, centre, mean(mul(off, off), { axes, keepDims: true }), weight, bias, eps);
  },
  reference: {
    forward: (out, [x, weight, bias], { shapes: [shape], attrs: { eps } }, [stats]) => {
      const sizes = sizesOf(shape);
      const count = sizes.batch * sizes.pixels;
      for (let c = 0; c < sizes.channels; c++) {
        let total = 0;
        forEachRun(sizes, c, (from, to) => {
          for (let i = from; i < to; i++) total += x[i];
        });
        const centre = total / count;
        let squares = 0;
        forEachRun(sizes, c, (from, to) => {
          for (let i = from; i < to; i++) squares += (x[i] - centre) * (x[i] - centre);
        });
        const variance = squares / count;
        stats[c] = centre;
        stats[sizes.channels + c] = variance;
        const scale = weight[c] / Math.sqrt(variance + eps);
        forEachRun(sizes, c, (from, to) => {
          for (let i = from; i < to; i++) out[i] = (x[i] - centre) * scale + bias[c];
        });
      }
    },
    /** dx = w/std (dy - mean(dy) - xn mean(dy xn)), dw = sum(dy xn), db = sum(dy), where xn = (x - mean)/std. */
    backward: ([dx, dWeight, dBias], dy, [x, weight], _output, { shapes: [shape], attrs: { eps } }, [stats]) => {
      const sizes = sizesOf(shape);
      const count = sizes.batch * sizes.pixels;
      for (let c = 0; c < sizes.channels; c++) {
        const centre = stats[c];
        const inverse = count === 0 ? 0 : 1 / Math.sqrt(stats[sizes.channels + c] + eps); // an empty batch has no variance
        let sum = 0;
        let products = 0;
        forEachRun(sizes, c, (from, to) => {
          for (let i = from; i < to; i++) {
            sum += dy[i];
            products += dy[i] * (x[i] - centre);
          }
        });
        if (dWeight) dWeight[c] = products * inverse;
        if (dBias) dBias[c] = sum;
        if (!dx) continue;
        const scale = weight[c] * inverse;
        const slope = (products * inverse * inverse) / count;
        forEachRun(sizes, c, (from, to) => {
          for (let i = from; i < to; i++) dx[i] = (dy[i] - sum / count - (x[i] - centre) * slope) * scale;
        });
      }
    },
  },
  simd: {
    forward: (out, [x, weight, bias], { shapes: [shape], attrs: { eps } }, [stats]) => {
      const { batch, channels, pixels, grain } = sizesOf(shape);
      if (batch * pixels < FEWEST_FOR_SIMD) return false;
      parallel("batchNormForward", [out, stats, x, weight, bias, batch, channels, pixels, eps], channels, grain);
      return;
    },
    backward: ([dx, dWeight, dBias], dy, [x, weight], _output, { shapes: [shape], attrs: { eps } }, [stats]) => {
      const { batch, channels, pixels, grain } = sizesOf(shape);
      if (batch * pixels < FEWEST_FOR_SIMD) return false;
      parallel("batchNormBackward", [dx, dWeight, dBias, dy, x, weight, stats, batch, channels, pixels, eps], channels, grain);
      return;
    },
  },
};

export interface BatchNormOptions {
  /** A factor for each channel, [channels]; default (or null): 1. */
  readonly weight?: Tensor | null;
  /** Added to each channel, [channels]; default (or null): 0. */
  readonly bias?: Tensor | null;
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
}

export interface RunningOptions {
  /** Running means of the channels before this batch; default (or null): the result is the batch's. */
  readonly runningMean?: Tensor | null;
  /** Running variances of the channels before this batch. */
  readonly runningVar?: Tensor | null;
  /** How much of the batch's statistics goes into the running ones. Default 0.1. */
  readonly momentum?: number;
}

const checkEps = (op: string, eps: number): void => {
  if (!(eps >= 0 && Number.isFinite(eps))) throw new ArgumentError(op, `eps is ${eps}. It must be a number >= 0.`);
};

/**
 * Batch normalisation in training (Ioffe and Szegedy 2015): every channel minus its mean over the batch and all pixels,
 * divided by its standard deviation.
 *
 *     y = (x - mean) / sqrt(var + eps) * weight + bias                     var = mean of (x - mean)^2
 *     newMean = (1 - momentum) runningMean + momentum mean
 *     newVar  = (1 - momentum) runningVar  + momentum var n / (n - 1)      n = numbers in a channel
 *
 * The gradient goes through mean and var; the new running statistics are values without a gradient, and nothing is written
 * in place. (As PyTorch: the running variance is the unbiased one. An empty batch leaves the running statistics as they are.)
 *
 * @param x [batch, channels, ...]
 * @returns [y, newMean, newVar]: y as x, the others [channels]
 * @throws ShapeError for an input with one number for each channel, or if weight, bias or statistics are not [channels]
 * @example
 * import { batchNorm, tensor, zeros } from "@llr/tensor";
 * const [y, newMean, newVar] = batchNorm(tensor([[1], [3]]), { runningMean: zeros([1]), runningVar: zeros([1]), eps: 0 });
 * y.toArray() // => [-1, 1]
 * newMean.item() // => 0.2
 * newVar.item() // => 0.2
 */
export function batchNorm(x: Tensor, { weight, bias, eps = 1e-5, runningMean, runningVar, momentum = 0.1 }: BatchNormOptions & RunningOptions = {}): [y: Tensor, newMean: Tensor, newVar: Tensor] {
  checkEps("batchNorm", eps);
  if (!Number.isFinite(momentum)) throw new ArgumentError("batchNorm", `momentum is ${momentum}. It must be a finite number, usually between 0 and 1.`);
  checkChannels("batchNorm", [x.shape, ...[runningMean, runningVar].flatMap((t) => (t ? [t.shape] : []))]);
  const channels = x.shape[1];
  const { result, aux } = applyWithAux(batchNormOp, [x, weight ?? ones([channels], { dtype: x.dtype }), bias ?? zeros([channels], { dtype: x.dtype })], { eps });
  const stats = numbersOf(aux[0]);
  const count = x.size / Math.max(1, channels);
  const mix = (before: Tensor | null | undefined, offset: number, factor: number): Tensor => {
    const out = heapArray(before?.dtype ?? x.dtype, channels);
    const old = before ? numbersOf(before) : null;
    for (let c = 0; c < channels; c++) {
      const batch = stats[offset + c] * factor;
      out[c] = old === null ? batch : count === 0 ? old[c] : (1 - momentum) * old[c] + momentum * batch;
    }
    return tensor(out);
  };
  const results: [Tensor, Tensor, Tensor] = [result, mix(runningMean, 0, 1), mix(runningVar, channels, count / (count - 1))];
  if (result.history === null) aux[0].storage.release();
  return results;
}

export const batchNormInferenceOp: Fused<NormAttrs> = {
  kind: "fused",
  name: "batchNormInference",
  shape: (shapes) => checkChannels("batchNormInference", shapes),
  saves: [0, 1, 2, 3, 4],
  nan: "propagates",
  definition: ([x, centre, variance, weight, bias], { eps }) => affine(x, perChannel(centre, x.shape.length), perChannel(variance, x.shape.length), weight, bias, eps),
  reference: {
    forward: (out, [x, centre, variance, weight, bias], { shapes: [shape], attrs: { eps } }) => {
      const sizes = sizesOf(shape);
      for (let c = 0; c < sizes.channels; c++) {
        const scale = weight[c] / Math.sqrt(variance[c] + eps);
        forEachRun(sizes, c, (from, to) => {
          for (let i = from; i < to; i++) out[i] = (x[i] - centre[c]) * scale + bias[c];
        });
      }
    },
    backward: ([dx, dCentre, dVariance, dWeight, dBias], dy, [x, centre, variance, weight], _output, { shapes: [shape], attrs: { eps } }) => {
      const sizes = sizesOf(shape);
      for (let c = 0; c < sizes.channels; c++) {
        const inverse = 1 / Math.sqrt(variance[c] + eps);
        const scale = weight[c] * inverse;
        let sum = 0;
        let products = 0;
        forEachRun(sizes, c, (from, to) => {
          for (let i = from; i < to; i++) {
            sum += dy[i];
            products += dy[i] * (x[i] - centre[c]);
            if (dx) dx[i] = dy[i] * scale;
          }
        });
        if (dCentre) dCentre[c] = -scale * sum;
        if (dVariance) dVariance[c] = -0.5 * scale * inverse * inverse * products;
        if (dWeight) dWeight[c] = products * inverse;
        if (dBias) dBias[c] = sum;
      }
    },
  },
  simd: {
    forward: (out, [x, centre, variance, weight, bias], { shapes: [shape], attrs: { eps } }) => {
      const { batch, channels, pixels, grain } = sizesOf(shape);
      parallel("batchNormInference", [out, x, centre, variance, weight, bias, batch, channels, pixels, eps], channels, grain);
    },
    backward: () => false,
  },
};

/**
 * Batch normalisation with given statistics: y = (x - runningMean) / sqrt(runningVar + eps) * weight + bias. Differentiable in
 * everything.
 *
 * @param x [batch, channels, ...]
 * @returns as x
 * @throws ShapeError if weight, bias or statistics are not [channels]
 * @example
 * import { batchNormInference, tensor } from "@llr/tensor";
 * batchNormInference(tensor([[5, 1]]), { runningMean: tensor([3, 0]), runningVar: tensor([4, 1]), eps: 0 }).toArray() // => [1, 1]
 */
export function batchNormInference(x: Tensor, { weight, bias, eps = 1e-5, runningMean, runningVar }: BatchNormOptions & { readonly runningMean: Tensor; readonly runningVar: Tensor }): Tensor {
  checkEps("batchNormInference", eps);
  const shape = [x.shape[1] ?? 0];
  return apply(batchNormInferenceOp, [x, runningMean, runningVar, weight ?? ones(shape, { dtype: x.dtype }), bias ?? zeros(shape, { dtype: x.dtype })], { eps });
}
