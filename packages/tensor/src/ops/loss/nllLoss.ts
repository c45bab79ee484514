// Losses against class labels, one for each row of scores: nllLoss, and what crossEntropy shares with it.
import { tensor } from "../../create.ts";
import { ArgumentError, ShapeError } from "../../errors.ts";
import { optionsOf } from "../../options.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sameShape, sizeOf } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { numbersOf } from "../../tensor.ts";
import { div } from "../elementwise/div.ts";
import { mul } from "../elementwise/mul.ts";
import { neg } from "../elementwise/neg.ts";
import { gather } from "../gather/gather.ts";
import { floatAndIndices, pick } from "../pick/pick.ts";
import { sum } from "../reduce/sum.ts";
import { reshape } from "../shape/reshape.ts";
import { transpose } from "../shape/transpose.ts";
import { where } from "../where/where.ts";
import type { LossOptions } from "./reduceLoss.ts";
import { checkReduction } from "./reduceLoss.ts";

export interface ClassLossOptions extends LossOptions {
  /** [classes]: factor of the loss of each class; the mean is then the weighted one. */
  readonly weight?: Tensor | null;
  /** Rows with this label do not count, neither in sums nor in the number that a mean divides by. Default -100. */
  readonly ignoreIndex?: number;
}

/** [classes], [batch, classes] or [batch, classes, ...] as [rows, classes]. */
export function classRows(op: string, x: Tensor): Tensor {
  checkTensor(op, x);
  const { shape } = x;
  if (shape.length === 0) throw new ShapeError(op, "the scores are []. It needs [batch, classes], [classes], or further axes after the classes.", [shape]);
  if (shape.length === 2) return x;
  if (shape.length === 1) return reshape(x, [1, shape[0]]);
  const others = shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  return reshape(transpose(x, [...others, 1]), [sizeOf(withoutClasses(shape)), shape[1]]);
}

/** Shape of the labels: that of the scores without the axis of the classes. */
export const withoutClasses = (shape: Shape): Shape => (shape.length === 1 ? [] : shape.filter((_, axis) => axis !== 1));

export interface Labels {
  /** [rows]; ignored ones replaced by 0. */
  readonly labels: Tensor;
  /** [rows], bool; null if none is ignored. */
  readonly isIgnored: Tensor | null;
  /** How many count. */
  readonly count: number;
}

export function readLabels(op: string, scores: Tensor, labels: Tensor, ignoreIndex: number): Labels {
  checkTensor(op, scores);
  checkTensor(op, labels);
  floatAndIndices(op)([scores.dtype, labels.dtype]);
  const expected = withoutClasses(scores.shape);
  if (!sameShape(labels.shape, expected))
    throw new ShapeError(op, `the scores are ${formatShape(scores.shape)}, the labels are ${formatShape(labels.shape)}. It needs a label for each row of classes, ${formatShape(expected)}.`, [scores.shape, labels.shape]);
  const classes = scores.shape.length === 1 ? scores.shape[0] : scores.shape[1];
  const known = Int32Array.from(numbersOf(labels));
  const isIgnored = new Uint8Array(known.length);
  let ignored = 0;
  known.forEach((label, i) => {
    if (label === ignoreIndex) {
      isIgnored[i] = 1;
      known[i] = 0;
      ignored++;
    } else if (label < 0 || label >= classes) throw new ArgumentError(op, `label ${label} at position ${i} is outside [0, ${classes}).`);
  });
  return { labels: tensor(known), isIgnored: ignored === 0 ? null : tensor(isIgnored), count: known.length - ignored };
}

export function checkWeight(op: string, weight: Tensor | null, classes: number): void {
  if (weight !== null && !sameShape(weight.shape, [classes])) throw new ShapeError(op, `the weight is ${formatShape(weight.shape)}. It needs a factor for each class, [${classes}].`, [weight.shape]);
}

/** 0 for rows that are ignored. */
export const counted = (losses: Tensor, { isIgnored }: Labels): Tensor => (isIgnored === null ? losses : where(isIgnored, 0, losses));

/** Losses of the rows and the number that a mean divides by. */
export interface RowLosses {
  readonly losses: Tensor;
  readonly divisor: Tensor | number;
}

/** -weight[label] log p[label] for each row. */
export function labelLosses(logs: Tensor, known: Labels, weight: Tensor | null): RowLosses {
  const losses = counted(neg(pick(logs, known.labels)), known);
  if (weight === null) return { losses, divisor: known.count };
  const factors = counted(gather(weight, known.labels), known);
  return { losses: mul(losses, factors), divisor: sum(factors) };
}

export function reduceRows({ losses, divisor }: RowLosses, shape: Shape, reduction: LossOptions["reduction"]): Tensor {
  if (reduction === "none") return reshape(losses, shape);
  return reduction === "sum" ? sum(losses) : div(sum(losses), divisor);
}

/**
 * Negative log-likelihood of class labels: -weight[label] log p[label] for each row, and the mean over rows (with weights:
 * their sum divides).
 *
 * @param logs [batch, classes], logarithms of probabilities, for example from logSoftmax; also [classes], or further axes
 *   after the classes
 * @param labels i32 in [0, classes), or ignoreIndex; the shape of logs without the axis of the classes
 * @returns [] (scalar), or the shape of the labels with reduction "none"; the mean over no rows is NaN
 * @throws ShapeError if the shapes do not fit; ArgumentError for a label out of range
 * @example
 * import { log, nllLoss, tensor } from "@llr/tensor";
 * const logs = log(tensor([[0.5, 0.5], [0.1, 0.9]]));
 * nllLoss(logs, tensor(Int32Array.of(0, -100))).item() // => 0.69315
 */
export function nllLoss(logs: Tensor, labels: Tensor, options: ClassLossOptions = {}): Tensor {
  const { weight = null, ignoreIndex = -100, reduction = "mean" } = optionsOf("nllLoss", options);
  checkReduction("nllLoss", reduction);
  const rows = classRows("nllLoss", logs);
  checkWeight("nllLoss", weight, rows.shape[1]);
  const known = readLabels("nllLoss", logs, labels, ignoreIndex);
  return reduceRows(labelLosses(rows, known, weight), labels.shape, reduction);
}
