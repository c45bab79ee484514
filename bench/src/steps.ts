// Whole training steps through the public interface, and what they cost over their bare kernels.
import { backward } from "@llr/autograd";
import { leNet5, mlp, type Module, resNetCifar } from "@llr/nn";
import { sgd } from "@llr/optim";
import { crossEntropy, Rng, scope, tensor } from "@llr/tensor";
import { simdUpdates } from "@llr/train";
import { bareMlp } from "./bareMlp.ts";
import type { Suite } from "./item.ts";

export const MLP = { sizes: [784, 256, 128, 10], batch: 128, lr: 1e-3, momentum: 0.9 } as const;

export interface StepData {
  readonly images: Float32Array;
  readonly shape: readonly number[];
  readonly labels: Int32Array;
}

export function randomBatch(shape: readonly number[]): StepData {
  const rng = new Rng(2).stream("bench/batch");
  const images = new Float32Array(shape.reduce((a, b) => a * b, 1));
  rng.fillNormal(images, 0, 1);
  return { images, shape, labels: Int32Array.from({ length: shape[0] }, () => rng.integer(10)) };
}

/** One step as a user writes it. */
export function apiStep(model: Module, { images, shape, labels }: StepData): () => number {
  const optimizer = sgd(model.parameters(), { lr: MLP.lr, momentum: MLP.momentum, kernels: simdUpdates });
  return () => {
    const loss = crossEntropy(model.forward(tensor(images, shape), { training: true }), tensor(labels));
    optimizer.zeroGrad();
    backward(loss);
    optimizer.step();
    return loss.item();
  };
}

export const makeMlp = (): Module => mlp(MLP.sizes, { rng: new Rng(1) });

/** The bare kernels with the same start values as `makeMlp`. */
export function makeBare(): ReturnType<typeof bareMlp> {
  const parameters = makeMlp().parameters();
  const layers = MLP.sizes.slice(1).map((_, i) => ({ weight: parameters[2 * i].data as Float32Array, bias: parameters[2 * i + 1].data as Float32Array }));
  return bareMlp(MLP.sizes, MLP.batch, layers, MLP);
}

export function steps(): Suite {
  const batch = randomBatch([MLP.batch, 784]);
  const bare = makeBare();
  const [inside, outside] = [apiStep(makeMlp(), batch), apiStep(makeMlp(), batch)];
  const leNet = apiStep(leNet5({ rng: new Rng(1) }), randomBatch([64, 1, 28, 28]));
  return {
    items: [
      { name: "LeNet-5, batch 64, in a scope", run: () => scope(leNet) },
      ...[8, 20].map((depth) => {
        const step = apiStep(resNetCifar({ rng: new Rng(1), depth }), randomBatch([32, 3, 32, 32]));
        return { name: `ResNet-${depth}, batch 32, in a scope`, run: () => scope(step) };
      }),
    ],
    races: [{
      name: "MLP 784-256-128-10, batch 128, SGD with momentum",
      items: [
        { name: "bare kernels", run: () => bare.step(batch.images, batch.labels) },
        { name: "in a scope", run: () => scope(inside) },
        { name: "outside any scope", run: outside },
      ],
    }],
  };
}
