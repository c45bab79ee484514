// Whole training steps, as a user writes them.
import { backward } from "@llr/autograd";
import { caffeLeNet, leNet5, mlp, type Module, resNetCifar } from "@llr/nn";
import { sgd } from "@llr/optim";
import { crossEntropy, Rng, tensor } from "@llr/tensor";
import { simdUpdates } from "@llr/train";
import type { ModelName } from "./tasks.ts";
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
export function stepOf(model: Module, { images, shape, labels }: StepData): () => number {
  const optimizer = sgd(model.parameters(), { ...TRAINING, kernels: simdUpdates });
  return () => {
    const loss = crossEntropy(model.forward(tensor(images, shape), { training: true }), tensor(labels));
    optimizer.zeroGrad();
    backward(loss);
    optimizer.step();
    return loss.item();
  };
}

export const trainingStep = (model: ModelName, batch: number): (() => number) => stepOf(makeModel(model), randomBatch(model, batch));
