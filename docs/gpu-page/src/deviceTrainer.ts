// The model on a device: weights, gradients, norms and the optimizer's state stay there. A batch goes up each step; what comes
// back is asked for every few steps, and nothing waits for it.
import { backward } from "@llr/autograd";
import { adamWRule, larcRule, larsRule, madLlrRule, sgdRule } from "@llr/optim";
import { crossEntropy, noGrad, scope, tensor } from "@llr/tensor";
import type { Gpu } from "@llr/tensor/gpu";
import { type DeviceOptimizer, deviceOptimizer } from "@llr/train/gpu";
import { options, type OptimizerName, type Run } from "./recipes.ts";
import { newModel, type Observation, type Trainer, type TrainerOptions } from "./trainer.ts";

/** Each look fetches a few hundred numbers, and the page draws them. */
const OBSERVE_EVERY = 10;
/** Nothing here goes back to a step after the device was lost: no copies of the weights are taken. */
const SNAPSHOTS = { snapshotEvery: 0 };

type Parameters = ReturnType<ReturnType<typeof newModel>["parameters"]>;

const builders: Readonly<Record<OptimizerName, (gpu: Gpu, params: Parameters, run: Run) => Pick<DeviceOptimizer<never>, "step" | "zeroGrad" | "readRecords">>> = {
  sgd: (gpu, params, run) => deviceOptimizer(gpu, sgdRule, params, { ...options.sgd(run), ...SNAPSHOTS }),
  adamw: (gpu, params, run) => deviceOptimizer(gpu, adamWRule, params, { ...options.adamw(run), ...SNAPSHOTS }),
  lars: (gpu, params, run) => deviceOptimizer(gpu, larsRule, params, { ...options.lars(run), ...SNAPSHOTS }),
  larc: (gpu, params, run) => deviceOptimizer(gpu, larcRule, params, { ...options.larc(run), ...SNAPSHOTS }),
  "mad-llr": (gpu, params, run) => deviceOptimizer(gpu, madLlrRule, params, { ...options["mad-llr"](run), ...SNAPSHOTS }),
};

export function deviceTrainer(gpu: Gpu, trainerOptions: TrainerOptions): Trainer {
  const model = newModel(trainerOptions);
  model.moveTo(gpu);
  const optimizer = builders[trainerOptions.optimizer](gpu, model.parameters(), trainerOptions);
  let last: Promise<Observation> | null = null;
  return {
    observeEvery: OBSERVE_EVERY,
    step({ images, labels }, observed) {
      scope(() => {
        const loss = crossEntropy(model.forward(gpu.upload(tensor(images)), { training: true }), tensor(labels));
        optimizer.zeroGrad();
        backward(loss);
        optimizer.step();
        // Asked for here, the numbers are those of this step, whenever they come.
        last = observed ? Promise.all([loss.read(), optimizer.readRecords()]).then(([value, records]) => ({ loss: value[0] as number, records })) : null;
      });
      last?.catch(() => {}); // thrown where it is awaited
    },
    observe() {
      if (last === null) throw new Error("internal: this step is not observed.");
      return last;
    },
    logits: ({ images }) => noGrad(() => scope(() => ({ numbers: model.forward(gpu.upload(tensor(images)), { training: false }).read() }))).numbers as Promise<ArrayLike<number>>,
  };
}
