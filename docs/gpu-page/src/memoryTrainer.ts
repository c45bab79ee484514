// The model in this process's memory, on the SIMD kernels: what every browser has.
import { backward } from "@llr/autograd";
import { adamW, larc, lars, madLlr, type Optimizer, type Param, sgd } from "@llr/optim";
import { crossEntropy, noGrad, scope, tensor } from "@llr/tensor";
import { simdUpdates as kernels } from "@llr/train";
import { options, type OptimizerName, type Run } from "./recipes.ts";
import { newModel, type Observation, type Trainer, type TrainerOptions } from "./trainer.ts";

const builders: Readonly<Record<OptimizerName, (params: Iterable<Param>, run: Run) => Optimizer>> = {
  sgd: (params, run) => sgd(params, { ...options.sgd(run), kernels }),
  adamw: (params, run) => adamW(params, { ...options.adamw(run), kernels }),
  lars: (params, run) => lars(params, { ...options.lars(run), kernels }),
  larc: (params, run) => larc(params, { ...options.larc(run), kernels }),
  "mad-llr": (params, run) => madLlr(params, { ...options["mad-llr"](run), kernels }),
};

export function memoryTrainer(trainerOptions: TrainerOptions): Trainer {
  const model = newModel(trainerOptions);
  const optimizer = builders[trainerOptions.optimizer](model.parameters(), trainerOptions);
  let last: Observation = { loss: NaN, records: [] };
  return {
    observeEvery: 1,
    step({ images, labels }) {
      last = scope(() => {
        const loss = crossEntropy(model.forward(tensor(images), { training: true }), tensor(labels));
        optimizer.zeroGrad();
        backward(loss);
        return { loss: loss.item(), records: optimizer.step() };
      });
    },
    observe: () => Promise.resolve(last),
    logits: ({ images }) => Promise.resolve(noGrad(() => scope(() => model.forward(tensor(images), { training: false }).toArray()))),
  };
}
