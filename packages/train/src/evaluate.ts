import type { Dataset } from "@llr/data";
import { batches, imageCount } from "@llr/data";
import type { Module } from "@llr/nn";
import { ArgumentError, argMax, crossEntropy, noGrad, scope, type Tensor, tensor } from "@llr/tensor";
import { refuseOnDevice } from "./inMemory.ts";
import { checkKeys } from "./optionKeys.ts";

export interface Evaluation {
  /** Mean cross-entropy, in nats. */
  readonly loss: number;
  /** Share of right answers, 0 to 1. */
  readonly accuracy: number;
  /** Images evaluated. */
  readonly count: number;
}

/** Rows of the logits, [batch, classes], whose largest value is that of their label. */
export function rightAnswers(logits: Tensor, labels: ArrayLike<number>): number {
  let right = 0;
  argMax(logits).toArray().forEach((answer, i) => (right += Number(answer === labels[i])));
  return right;
}

/**
 * Loss and accuracy of a model on a whole data set, without recording history.
 *
 * @throws ArgumentError for a data set without images; OnDeviceError if the model lies on a device
 * @example
 * import { glyphs } from "@llr/data";
 * import { mlp } from "@llr/nn";
 * import { Rng } from "@llr/tensor";
 * import { evaluate } from "@llr/train";
 * const untrained = mlp([64, 10], { rng: new Rng(1) });
 * evaluate(untrained, glyphs({ count: 50, rng: new Rng(2) })).count // => 50
 */
export function evaluate(model: Module, dataset: Dataset, options: { readonly batchSize?: number } = {}): Evaluation {
  checkKeys("evaluate", options, { batchSize: true });
  const { batchSize = 250 } = options;
  refuseOnDevice("evaluate", model, "read() what its forward() gives there");
  const count = imageCount(dataset);
  if (count === 0) throw new ArgumentError("evaluate", `${dataset.name} holds no images. It needs at least one.`);
  let loss = 0;
  let right = 0;
  for (const { images, labels, size } of batches(dataset, { size: batchSize })) {
    noGrad(() =>
      scope(() => {
        const logits = model.forward(tensor(images), { training: false });
        loss += crossEntropy(logits, tensor(labels)).item() * size; // the last batch may be shorter
        right += rightAnswers(logits, labels.data);
      }),
    );
  }
  return { loss: loss / count, accuracy: right / count, count };
}
