// Whole training steps, as a user writes them.
import { backward } from "@llr/autograd";
import { caffeLeNet, leNet5, lstmLanguageModel, mlp, type Module, resNetCifar } from "@llr/nn";
import { sgd } from "@llr/optim";
import { crossEntropy, reshape, Rng, type Tensor, tensor } from "@llr/tensor";
import { simdUpdates } from "@llr/train";
import type { ModelName, Task } from "./tasks.ts";
import { inputShape, MLP_SIZES, TRAINING } from "./tasks.ts";

export interface StepData {
  readonly images: Float32Array;
  readonly shape: readonly number[];
  readonly labels: Int32Array;
}

export function randomBatch(model: ModelName, batch: number): StepData {
  const rng = new Rng(2).stream("bench/batch");
  const shape = [batch, ...inputShape(model)];
  const images = new Float32Array(shape.reduce((a, b) => a * b, 1));
  rng.fillNormal(images, 0, 1);
  return { images, shape, labels: Int32Array.from({ length: batch }, () => rng.integer(10)) };
}

export const makeModel = (name: ModelName): Module => {
  const rng = new Rng(1);
  return { mlp: () => mlp(MLP_SIZES, { rng }), leNet5: () => leNet5({ rng }), caffeLeNet: () => caffeLeNet({ rng }), resNet8: () => resNetCifar({ rng, depth: 8 }), resNet20: () => resNetCifar({ rng, depth: 20 }) }[name]();
};

/** @returns one step: its loss */
export const stepOf = (model: Module, { images, shape, labels }: StepData): (() => number) =>
  descent(model, () => crossEntropy(model.forward(tensor(images, shape), { training: true }), tensor(labels)));

function descent(model: Module, lossOf: () => Tensor): () => number {
  const optimizer = sgd(model.parameters(), { ...TRAINING, kernels: simdUpdates });
  return () => {
    const loss = lossOf();
    optimizer.zeroGrad();
    backward(loss);
    optimizer.step();
    return loss.item();
  };
}

export const trainingStep = (model: ModelName, batch: number): (() => number) => stepOf(makeModel(model), randomBatch(model, batch));

/** @returns one step over one piece of text, from a state of zeros: its loss */
export function lstmStep({ tokens, hidden, layers, time, batch }: Task & { kind: "trainLstm" }): () => number {
  const model = lstmLanguageModel({ tokens, hidden, layers, rng: new Rng(1) });
  const rng = new Rng(2).stream("bench/text");
  const random = (): Int32Array => Int32Array.from({ length: time * batch }, () => rng.integer(tokens));
  const [text, next] = [random(), random()];
  return descent(model, () => crossEntropy(reshape(model.forward(tensor(text, [time, batch]), { training: true }), [time * batch, tokens]), tensor(next)));
}
