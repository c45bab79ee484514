import { apply } from "../../apply.ts";
import { isFloat } from "../../dtype.ts";
import { ArgumentError } from "../../errors.ts";
import type { Fused } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { sameShape } from "../../shape.ts";
import { kernels } from "../../simd/kernels.ts";
import { parallel } from "../../simd/parallel.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { numbersOf } from "../../tensor.ts";
import { add } from "../elementwise/add.ts";
import { mul } from "../elementwise/mul.ts";
import { neg } from "../elementwise/neg.ts";
import type { ClassLossOptions } from "../loss/nllLoss.ts";
import { checkWeight, classRows, counted, labelLosses, readLabels, reduceRows, withoutClasses } from "../loss/nllLoss.ts";
import { checkReduction } from "../loss/reduceLoss.ts";
import { checkLabelled, checkLabels, floatAndIndices, pick } from "../pick/pick.ts";
import { mean } from "../reduce/mean.ts";
import { sum } from "../reduce/sum.ts";
import { logSumExpParts } from "../softmax/lines.ts";
import { logSoftmax } from "../softmax/logSoftmax.ts";

/** Elements whose powers take about 2 us. */
const GRAIN = 4096;

export const crossEntropyOp: Fused<null> = {
  kind: "fused",
  name: "crossEntropy",
  dtype: floatAndIndices("crossEntropy"),
  shape: (shapes) => {
    checkLabelled("crossEntropy", shapes);
    return [];
  },
  saves: [0, 1],
  nan: "propagates",
  definition: ([logits, labels]) => neg(mean(pick(logSoftmax(logits), labels))),
  reference: {
    forward: (out, [logits, labels], { shapes: [shape] }) => {
      const [rows, classes] = shape as [number, number];
      let total = 0;
      for (let row = 0; row < rows; row++) {
        const parts = logSumExpParts(logits, { start: row * classes, step: 1, count: classes });
        total += Math.log(parts.total) + parts.max - logits[row * classes + labels[row]];
      }
      out[0] = total / rows;
    },
    /** d/dlogits = (softmax - one-hot of the label) / batch. */
    backward: ([dLogits], dOut, [logits, labels], _output, { shapes: [shape] }) => {
      const [rows, classes] = shape as [number, number];
      const scale = dOut[0] / rows;
      for (let row = 0; row < rows; row++) {
        const start = row * classes;
        const { max, total } = logSumExpParts(logits, { start, step: 1, count: classes });
        for (let c = 0; c < classes; c++) dLogits![start + c] = (Math.exp(logits[start + c] - max) / total - (c === labels[row] ? 1 : 0)) * scale;
      }
    },
  },
  simd: {
    forward: (out, [logits, labels], { shapes: [[rows, classes]] }) => kernels().crossEntropyForward(out, logits, labels, rows, classes),
    backward: ([dLogits], dOut, [logits, labels], _output, { shapes: [[rows, classes]] }) =>
      parallel("crossEntropyBackward", [dLogits, dOut, logits, labels, rows, classes], rows, Math.ceil(GRAIN / classes)),
  },
};

export interface CrossEntropyOptions extends ClassLossOptions {
  /** This part of each target is spread evenly over all classes. In [0, 1], default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy of softmax(logits) against class labels or probabilities, mean over the rows.
 *
 *     loss = -1/B sum_b log softmax(logits_b)[labels_b]
 *     with weights:    each row times weight[label], divided by the sum of these
 *     with smoothing:  (1 - s) times that, plus s / classes times the sum of -weight[c] log softmax(logits_b)[c] over c
 *     probabilities:   -1/B sum_b sum_c target_b[c] weight[c] log softmax(logits_b)[c], where B is the number of rows
 *
 * @param logits [batch, classes], any real values: the row maximum is subtracted first, so +-1e4 is safe. Also [classes], or
 *   further axes after the classes: [batch, classes, height, width]
 * @param target labels, i32 in [0, classes) or ignoreIndex, of the shape of logits without the axis of the classes; or
 *   probabilities, of the dtype and shape of logits
 * @returns [] (scalar), in nats; NaN for an empty batch. With reduction "none": the shape of the labels
 * @throws ShapeError if the shapes do not fit; ArgumentError for a label out of range. Labels that lie on a device are not
 *   looked at: one out of range, and ignoreIndex too, makes the loss NaN there
 * @example
 * import { crossEntropy, tensor } from "@llr/tensor";
 * const labels = tensor(Int32Array.of(0));
 * crossEntropy(tensor([[2, 0]]), labels).item() // => 0.1269
 * crossEntropy(tensor([[-1e4, 1e4]]), labels).item() // => 20000
 * crossEntropy(tensor([[2, 0]]), labels, { labelSmoothing: 0.1 }).item() // => 0.2269
 * crossEntropy(tensor([[2, 0]]), tensor([[0.5, 0.5]])).item() // => 1.1269
 */
export function crossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  checkTensor("crossEntropy", logits);
  checkTensor("crossEntropy", target);
  const { weight = null, labelSmoothing = 0, ignoreIndex = -100, reduction = "mean" } = optionsOf("crossEntropy", options);
  checkReduction("crossEntropy", reduction);
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) throw new ArgumentError("crossEntropy", `labelSmoothing is ${labelSmoothing}. It must lie in [0, 1].`);
  const settings = { weight, labelSmoothing, ignoreIndex, reduction };
  if (isFloat(target.dtype) && sameShape(target.shape, logits.shape)) return againstProbabilities(logits, target, settings);

  const isPlain = weight === null && labelSmoothing === 0 && reduction === "mean" && logits.shape.length === 2;
  const isInMemory = target.storage.buffer === null;
  if (!isPlain || (isInMemory && target.dtype === "i32" && numbersOf(target).includes(ignoreIndex))) return againstLabels(logits, target, settings);
  if (target.dtype === "i32") checkLabels("crossEntropy", target, logits.shape[1]);
  return apply(crossEntropyOp, [logits, target], null);
}

type Settings = Required<CrossEntropyOptions>;

function againstLabels(logits: Tensor, target: Tensor, { weight, labelSmoothing, ignoreIndex, reduction }: Settings): Tensor {
  const rows = classRows("crossEntropy", logits);
  const classes = rows.shape[1];
  checkWeight("crossEntropy", weight, classes);
  const known = readLabels("crossEntropy", logits, target, ignoreIndex);
  const logs = logSoftmax(rows);
  const { losses, divisor } = labelLosses(logs, known, weight);
  if (labelSmoothing === 0) return reduceRows({ losses, divisor }, target.shape, reduction);
  const even = counted(neg(sum(weight === null ? logs : mul(logs, weight), { axes: 1 })), known);
  return reduceRows({ losses: add(mul(losses, 1 - labelSmoothing), mul(even, labelSmoothing / classes)), divisor }, target.shape, reduction);
}

function againstProbabilities(logits: Tensor, target: Tensor, { weight, labelSmoothing, reduction }: Settings): Tensor {
  const [rows, given] = [classRows("crossEntropy", logits), classRows("crossEntropy", target)];
  const [count, classes] = rows.shape;
  checkWeight("crossEntropy", weight, classes);
  const chances = labelSmoothing === 0 ? given : add(mul(given, 1 - labelSmoothing), labelSmoothing / classes);
  const logs = logSoftmax(rows);
  const losses = neg(sum(mul(chances, weight === null ? logs : mul(logs, weight)), { axes: 1 }));
  return reduceRows({ losses, divisor: count }, withoutClasses(logits.shape), reduction);
}
