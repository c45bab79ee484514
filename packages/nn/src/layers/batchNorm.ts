import type { Parameter } from "@llr/autograd";
import { parameter } from "@llr/autograd";
import type { PinnedTensor, Tensor } from "@llr/tensor";
import { ArgumentError, assign, batchNorm, batchNormInference, buffer, full, ones, ShapeError, zeros } from "@llr/tensor";
import { describe } from "@llr/tensor/engine";
import type { ForwardContext } from "../module.ts";
import { Module } from "../module.ts";
import { checkEps, checkSizes, checkWeight } from "../sizes.ts";

export interface BatchNormOptions {
  /** How much of a batch's statistics goes into the running ones, default 0.1; null: they are the mean over all batches. */
  readonly momentum?: number | null;
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Whether there are a weight and a bias to learn. Default true. */
  readonly affine?: boolean;
  /** False: evaluation uses the batch's statistics too. Default true. */
  readonly trackRunningStats?: boolean;
  /** f64 is for checking gradients. Default f32. */
  readonly dtype?: "f32" | "f64";
}

interface Axes {
  readonly counts: readonly number[];
  readonly text: string;
}

/**
 * Batch normalisation of every channel, of inputs of any number of axes; {@link BatchNorm1d} and {@link BatchNorm2d} insist
 * on theirs. In training by the batch's statistics, which move the running ones; else by the running ones.
 *
 *     running <- (1 - momentum) running + momentum batch        (the variance unbiased)
 *
 * Weight 1, bias 0, running mean 0 and variance 1 at the start, as PyTorch.
 */
abstract class BatchNorm extends Module {
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly runningMean: PinnedTensor | null;
  readonly runningVar: PinnedTensor | null;
  /** Batches that have moved the running statistics; a scalar. */
  readonly numBatchesTracked: PinnedTensor | null;
  private readonly momentum: number | null;
  private readonly eps: number;

  constructor(channels: number, { momentum = 0.1, eps = 1e-5, affine = true, trackRunningStats = true, dtype = "f32" }: BatchNormOptions = {}) {
    super();
    const name = new.target.name;
    checkSizes(name, { channels });
    checkEps(name, eps);
    if (momentum !== null && !(momentum >= 0 && momentum <= 1)) throw new ArgumentError(name, `momentum is ${describe(momentum)}. It must lie in [0, 1]: the share of a batch's statistics; null for the mean over all batches.`);
    checkWeight(name, [channels], dtype);
    this.weight = affine ? parameter(ones([channels], { dtype })) : null;
    this.bias = affine ? parameter(zeros([channels], { dtype })) : null;
    this.runningMean = trackRunningStats ? buffer(zeros([channels], { dtype })) : null;
    this.runningVar = trackRunningStats ? buffer(ones([channels], { dtype }), { holds: "variances" }) : null;
    this.numBatchesTracked = trackRunningStats ? buffer(zeros([], { dtype: "f64" }), { holds: "counts" }) : null;
    this.momentum = momentum;
    this.eps = eps;
  }

  /** Numbers of axes that the input may have, and how messages write them. */
  protected abstract readonly axes: Axes;

  forward(x: Tensor, { training = false, updateStatistics = true }: ForwardContext = {}): Tensor {
    const { weight, bias, runningMean, runningVar, numBatchesTracked, eps } = this;
    if (!this.axes.counts.includes(x.shape.length)) throw new ShapeError(this.constructor.name, `the input is [${x.shape.join(", ")}]. It needs ${this.axes.text}.`, [x.shape]);
    if (!training && runningMean !== null && runningVar !== null) return batchNormInference(x, { weight, bias, runningMean, runningVar, eps });
    if (runningMean === null || runningVar === null || numBatchesTracked === null || !updateStatistics) return batchNorm(x, { weight, bias, eps })[0];
    const batches = numBatchesTracked.item() + 1;
    const [y, newMean, newVar] = batchNorm(x, { weight, bias, runningMean, runningVar, momentum: this.momentum ?? 1 / batches, eps });
    assign(runningMean, newMean);
    assign(runningVar, newVar);
    assign(numBatchesTracked, full([], batches, { dtype: numBatchesTracked.dtype }));
    return y;
  }
}

/**
 * Batch normalisation of features or sequences: x [batch, channels] or [batch, channels, length]. Options and start values are
 * those of PyTorch's layer.
 *
 * @example
 * import { BatchNorm1d } from "@llr/nn";
 * import { tensor } from "@llr/tensor";
 * const layer = new BatchNorm1d(1, { eps: 0 });
 * layer.forward(tensor([[1], [3]]), { training: true }).toArray() // => [-1, 1]
 * layer.runningMean?.item() // => 0.2
 * layer.forward(tensor([[1], [3]]), { training: true, updateStatistics: false }).toArray() // => [-1, 1]
 * layer.runningMean?.item() // => 0.2
 */
export class BatchNorm1d extends BatchNorm {
  protected readonly axes: Axes = { counts: [2, 3], text: "[batch, channels] or [batch, channels, length]" };
}

/** Batch normalisation of images: x [batch, channels, height, width]. Options and start values are those of PyTorch's layer. */
export class BatchNorm2d extends BatchNorm {
  protected readonly axes: Axes = { counts: [4], text: "images [batch, channels, height, width]" };
}

/** Batch normalisation of volumes: x [batch, channels, depth, height, width]. */
export class BatchNorm3d extends BatchNorm {
  protected readonly axes: Axes = { counts: [5], text: "volumes [batch, channels, depth, height, width]" };
}
