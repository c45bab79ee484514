import { apply } from "../../apply.ts";
import type { Fused } from "../../op.ts";
import { kernels } from "../../simd/kernels.ts";
import { parallel } from "../../simd/parallel.ts";
import type { Tensor } from "../../tensor.ts";
import { neg } from "../elementwise/neg.ts";
import { checkLabelled, checkLabels, floatAndIndices, pick } from "../pick/pick.ts";
import { mean } from "../reduce/mean.ts";
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

/**
 * Cross-entropy of softmax(logits) against class labels, mean over the batch.
 *
 *     loss = -1/B sum_b log softmax(logits_b)[labels_b]
 *
 * @param logits [batch, classes], any real values: the row maximum is subtracted first, so +-1e4 is safe
 * @param labels [batch], i32 in [0, classes)
 * @returns [] (scalar), in nats; NaN for an empty batch
 * @throws ShapeError if the batch sizes differ; ArgumentError for a label out of range
 * @example
 * import { crossEntropy, tensor } from "@llr/tensor";
 * const labels = tensor(Int32Array.of(0));
 * crossEntropy(tensor([[2, 0]]), labels).item() // => 0.1269
 * crossEntropy(tensor([[-1e4, 1e4]]), labels).item() // => 20000
 */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  if (labels.dtype === "i32" && logits.shape.length === 2) checkLabels("crossEntropy", labels, logits.shape[1]);
  return apply(crossEntropyOp, [logits, labels], null);
}
