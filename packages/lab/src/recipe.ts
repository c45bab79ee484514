// From the words of the command line to the things they name.
import { caffeLeNet, leNet5, type ModelOptions, mlp, type Module } from "@llr/nn";
import type { Optimizer, Param, Schedule } from "@llr/optim";
import { adamW, constant, oneCycle, polynomial, sgd, slantedTriangular } from "@llr/optim";
import { simdUpdates as kernels } from "@llr/train";

export const models: Readonly<Record<string, (options: ModelOptions) => Module>> = {
  lenet5: leNet5,
  "caffe-lenet": caffeLeNet,
  mlp: (options) => mlp([784, 256, 128, 10], options),
};

/** As people write them. */
export const modelLabels: Readonly<Record<string, string>> = { lenet5: "LeNet-5", "caffe-lenet": "Caffe-LeNet", mlp: "An MLP" };

export type OptimizerName = "sgd" | "adamw";
export const optimizers: readonly OptimizerName[] = ["sgd", "adamw"];

export type ScheduleName = "one-cycle" | "slanted-triangular" | "polynomial" | "constant";
export const schedules: readonly ScheduleName[] = ["one-cycle", "slanted-triangular", "polynomial", "constant"];

export interface Recipe {
  readonly optimizer: OptimizerName;
  readonly schedule: ScheduleName;
  /** Largest rate of the schedule. */
  readonly lr: number;
  /** Momentum, or beta1 of AdamW. Default: cycled by one-cycle, else 0.9. */
  readonly momentum?: number | undefined;
  readonly weightDecay: number;
}

/** Rates for `steps` steps, and momentum where the schedule drives it. */
function scheduleOf({ schedule, lr }: Recipe, steps: number): { lr: Schedule; momentum?: Schedule } {
  switch (schedule) {
    case "one-cycle": return oneCycle({ peak: lr, steps });
    case "slanted-triangular": return { lr: slantedTriangular({ peak: lr, steps }) };
    case "polynomial": return { lr: polynomial({ start: lr, end: 0, steps, power: 2 }) };
    case "constant": return { lr: constant(lr) };
  }
}

export function buildOptimizer(params: Iterable<Param>, recipe: Recipe, steps: number): Optimizer {
  const { lr, momentum: cycled } = scheduleOf(recipe, steps);
  const momentum = recipe.momentum ?? cycled ?? 0.9;
  const { weightDecay } = recipe;
  return recipe.optimizer === "sgd" ? sgd(params, { lr, momentum, weightDecay, kernels }) : adamW(params, { lr, beta1: momentum, weightDecay, kernels });
}
