import { noGrad } from "../../ambient.ts";
import { apply, applyWithAux } from "../../apply.ts";
import { full, ones, zeros } from "../../create.ts";
import type { DType } from "../../dtype.ts";
import { isFloat } from "../../dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../errors.ts";
import type { Fused, Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sameShape, sizeOf } from "../../shape.ts";
import { parallel } from "../../simd/parallel.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { add } from "../elementwise/add.ts";
import { div } from "../elementwise/div.ts";
import { mul } from "../elementwise/mul.ts";
import { sqrt } from "../elementwise/sqrt.ts";
import { sub } from "../elementwise/sub.ts";
import { mean } from "../reduce/mean.ts";
import { reshape } from "../shape/reshape.ts";

export interface NormAttrs {
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

export function sizesOf([batch, channels, ...rest]: Shape): Sizes {
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

export interface RunningAttrs {
  readonly statistic: "mean" | "variance";
  /** Numbers of a channel in the batch. */
  readonly count: number;
  /** Element type of the result. */
  readonly dtype: DType;
}

/** Where the batch's statistic lies, and by what it is unbiased. */
export const statisticOf = (channels: number, { statistic, count }: RunningAttrs): { readonly offset: number; readonly factor: number } =>
  statistic === "mean" ? { offset: 0, factor: 1 } : { offset: channels, factor: count / (count - 1) };

/**
 * The running statistics after a batch: an op, so that they stay where the batch's are. Inputs: the hidden output of
 * batchNorm, f64 (on a device f32); then the statistics before and the momentum, a scalar, without which the result is the
 * batch's. An empty batch leaves them as they are.
 */
export const runningStatisticsOp: Primitive<RunningAttrs> = {
  kind: "primitive",
  name: "runningStatistics",
  dtype: (dtypes, { dtype }) => {
    if (!isFloat(dtype) || !dtypes.every(isFloat)) throw new DTypeError("runningStatistics", `inputs have the element types ${dtypes.join(", ")}, the result ${dtype}. It needs f32 or f64.`);
    return dtype;
  },
  shape: (shapes) => {
    const [[two, channels], ...before] = shapes;
    const isRight = two === 2 && channels !== undefined && (before.length === 0 || (before.length === 2 && sameShape(before[0], [channels]) && before[1].length === 0));
    if (!isRight) throw new ShapeError("runningStatistics", `the inputs are ${shapes.map(formatShape).join(", ")}. It needs [2, channels], or that with [channels] and [].`, shapes);
    return [channels];
  },
  saves: [],
  nan: "propagates",
  reference: (out, [stats, before, momentum], { attrs }) => {
    const { offset, factor } = statisticOf(out.length, attrs);
    for (let c = 0; c < out.length; c++) {
      const batch = stats[offset + c] * factor;
      out[c] = before === undefined ? batch : attrs.count === 0 ? before[c] : (1 - momentum[0]) * before[c] + momentum[0] * batch;
    }
  },
  derivative: { refuse: "running statistics are values: no gradient goes through them" },
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
export function batchNorm(x: Tensor, options: BatchNormOptions & RunningOptions = {}): [y: Tensor, newMean: Tensor, newVar: Tensor] {
  const { weight, bias, eps = 1e-5, runningMean, runningVar, momentum = 0.1 } = optionsOf("batchNorm", options);
  checkTensor("batchNorm", x);
  checkEps("batchNorm", eps);
  if (!Number.isFinite(momentum)) throw new ArgumentError("batchNorm", `momentum is ${momentum}. It must be a finite number, usually between 0 and 1.`);
  checkChannels("batchNorm", [x.shape, ...[runningMean, runningVar].flatMap((t) => (t ? [t.shape] : []))]);
  const channels = x.shape[1];
  const { result, aux } = applyWithAux(batchNormOp, [x, weight ?? ones([channels], { dtype: x.dtype }), bias ?? zeros([channels], { dtype: x.dtype })], { eps });
  const count = x.size / Math.max(1, channels);
  const move = (before: Tensor | null | undefined, statistic: RunningAttrs["statistic"]): Tensor => {
    const mixed = before ? [before, full([], momentum, { dtype: aux[0].dtype as "f32" | "f64" })] : [];
    return noGrad(() => apply(runningStatisticsOp, [aux[0], ...mixed], { statistic, count, dtype: before?.dtype ?? x.dtype }));
  };
  const results: [Tensor, Tensor, Tensor] = [result, move(runningMean, "mean"), move(runningVar, "variance")];
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
export function batchNormInference(x: Tensor, options: BatchNormOptions & { readonly runningMean: Tensor; readonly runningVar: Tensor }): Tensor {
  const { weight, bias, eps = 1e-5, runningMean, runningVar } = optionsOf("batchNormInference", options);
  checkTensor("batchNormInference", x);
  checkEps("batchNormInference", eps);
  const shape = [x.shape[1] ?? 0];
  return apply(batchNormInferenceOp, [x, runningMean, runningVar, weight ?? ones(shape, { dtype: x.dtype }), bias ?? zeros(shape, { dtype: x.dtype })], { eps });
}
