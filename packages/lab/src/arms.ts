// The contestants of the thread: what each does with the learning rate of a layer (#22-#30).
import type { Optimizer, Param } from "@llr/optim";
import { adamW, larc, lars, layerRamp, madLlr, oneCycle, polynomial, sgd, spread } from "@llr/optim";
import { simdUpdates as kernels } from "@llr/train";
import type { RateSource } from "./rateSource.ts";

export interface Arm {
  /** On the command line and as folder. */
  readonly name: string;
  readonly label: string;
  /** What it does, in a sentence. */
  readonly description: string;
  /** The largest rate of its schedule. */
  readonly lr: number;
  /** Everything else that was chosen, for the record. */
  readonly settings: Readonly<Record<string, number | string>>;
  build(params: Iterable<Param>, options: { readonly lr: number; readonly steps: number }): Optimizer;
}

/** Of every arm but LARS, whose paper has another. */
const WEIGHT_DECAY = 5e-4;

/** Of the rates below. */
export const RATE_SOURCE: Omit<RateSource, "scale"> = {
  from: "docs/decisions/0005",
  foundFor: { model: "lenet5", dataset: "mnist", epochs: 5, batchSize: 64, images: 55_000 },
};

export const arms: readonly Arm[] = [
  {
    name: "sgd",
    label: "SGD + 1cycle",
    description: "One rate for all layers: up and down once, momentum the other way.",
    lr: 0.1,
    settings: { schedule: "1cycle", weightDecay: WEIGHT_DECAY },
    build: (params, { lr, steps }) => sgd(params, { ...oneCycle({ peak: lr, steps }), weightDecay: WEIGHT_DECAY, kernels }),
  },
  {
    name: "adamw",
    label: "AdamW + 1cycle",
    description: "A rate for each weight from its gradients' size; weight decay beside it, beta1 cycled.",
    lr: 3e-3,
    settings: { schedule: "1cycle", weightDecay: 0.01 },
    build: (params, { lr, steps }) => {
      const cycle = oneCycle({ peak: lr, steps });
      return adamW(params, { lr: cycle.lr, beta1: cycle.momentum, kernels });
    },
  },
  {
    name: "lars",
    label: "LARS",
    description: "A rate for each layer, proportional to the norm of its weights over that of its gradient.",
    lr: 5,
    settings: { schedule: "polynomial, power 2", trustCoefficient: 1e-3, momentum: 0.9, weightDecay: WEIGHT_DECAY, exclude: "nothing" },
    build: (params, { lr, steps }) => lars(params, { lr: polynomial({ start: lr, end: 0, steps, power: 2 }), momentum: 0.9, trustCoefficient: 1e-3, weightDecay: WEIGHT_DECAY, exclude: [], kernels }),
  },
  {
    name: "larc",
    label: "LARC + 1cycle",
    description: "LARS's layer rate, never above the scheduled one.",
    lr: 0.1,
    settings: { schedule: "1cycle", trustCoefficient: 0.02, weightDecay: WEIGHT_DECAY },
    build: (params, { lr, steps }) => larc(params, { ...oneCycle({ peak: lr, steps }), trustCoefficient: 0.02, weightDecay: WEIGHT_DECAY, kernels }),
  },
  {
    name: "mad-llr",
    label: "MAD-LLR (guarded)",
    description: "A rate for each layer from how fast its weights and its gradient change; below the scheduled one, growing slowly.",
    lr: 4,
    settings: { schedule: "1cycle", mode: "cap", beta: 0.9, growth: 1.02 },
    build: (params, { lr, steps }) => madLlr(params, { lr: oneCycle({ peak: lr, steps }).lr, baseLr: lr, mode: "cap", kernels }),
  },
  {
    name: "discriminative",
    label: "Discriminative rates",
    description: "SGD + 1cycle with rates by hand: the first layer a tenth of the last, in equal ratios between.",
    lr: 0.2,
    settings: { schedule: "1cycle", first: 0.1, last: 1, weightDecay: WEIGHT_DECAY },
    build: (params, { lr, steps }) => sgd(params, { ...oneCycle({ peak: lr, steps }), layerScale: spread(0.1, 1), weightDecay: WEIGHT_DECAY, kernels }),
  },
  {
    name: "layer-ramp",
    label: "Layer ramp",
    description: "SGD + 1cycle; first layers begin with three times the rate and end with a third, last layers the other way.",
    lr: 0.1,
    settings: { schedule: "1cycle", ratio: 3, weightDecay: WEIGHT_DECAY },
    build: (params, { lr, steps }) => sgd(params, { ...oneCycle({ peak: lr, steps }), layerScale: layerRamp({ ratio: 3, steps }), weightDecay: WEIGHT_DECAY, kernels }),
  },
];
