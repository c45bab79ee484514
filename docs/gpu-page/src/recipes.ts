// The optimizers on offer, with the rates that `llr sweep` found for LeNet-5 on MNIST at batches of 64
// (docs/decisions/0005-rates-of-the-arms.md).
import { type AdamOptions, type LarcOptions, type LarsOptions, type MadLlrOptions, oneCycle, polynomial, type SgdOptions } from "@llr/optim";

export interface Run {
  /** Largest rate of the schedule. */
  readonly lr: number;
  readonly steps: number;
}

const WEIGHT_DECAY = 5e-4;

/** What memory and a device build their optimizers with. */
export const options = {
  sgd: ({ lr, steps }: Run): SgdOptions => ({ ...oneCycle({ peak: lr, steps }), weightDecay: WEIGHT_DECAY }),
  adamw: ({ lr, steps }: Run): AdamOptions => {
    const cycle = oneCycle({ peak: lr, steps });
    return { lr: cycle.lr, beta1: cycle.momentum };
  },
  lars: ({ lr, steps }: Run): LarsOptions => ({ lr: polynomial({ start: lr, end: 0, steps, power: 2 }), momentum: 0.9, trustCoefficient: 1e-3, weightDecay: WEIGHT_DECAY }),
  larc: ({ lr, steps }: Run): LarcOptions => ({ ...oneCycle({ peak: lr, steps }), trustCoefficient: 0.02, weightDecay: WEIGHT_DECAY }),
  "mad-llr": ({ lr, steps }: Run): MadLlrOptions => ({ lr: oneCycle({ peak: lr, steps }).lr, baseLr: lr, mode: "cap" }),
} as const;

export type OptimizerName = keyof typeof options;

export const recipes: Readonly<Record<OptimizerName, { readonly label: string; readonly lr: number }>> = {
  sgd: { label: "SGD + 1cycle", lr: 0.1 },
  adamw: { label: "AdamW + 1cycle", lr: 6e-3 },
  lars: { label: "LARS", lr: 5 }, // 10, the rate for five epochs, has lost all gradients in one of two trainings of one epoch
  larc: { label: "LARC + 1cycle", lr: 0.05 },
  "mad-llr": { label: "MAD-LLR (guarded)", lr: 1 },
};
