// A run is checked as a whole before its first step: what would only show at the end of an epoch, or never, is refused here.
import type { Parameter } from "@llr/autograd";
import { batches, imageCount, stepsPerEpoch } from "@llr/data";
import type { Module } from "@llr/nn";
import type { Optimizer } from "@llr/optim";
import { ArgumentError, noGrad, scope, tensor } from "@llr/tensor";
import type { FitOptions } from "./fit.ts";
import { refuseOnDevice } from "./inMemory.ts";
import { checkKeys } from "./optionKeys.ts";

export interface RunPlan {
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly testEvery: number;
  /** The parameters of the model that the optimizer moves: clipping looks at these and no others. */
  readonly trained: readonly Parameter[];
}

const OPTIONS: Readonly<Record<keyof FitOptions, true>> = {
  model: true, optimizer: true, train: true, test: true, testEvery: true, batchSize: true, dropLast: true, epochs: true, rng: true,
  clipNorm: true, clip: true, recorder: true, onStep: true, shouldStop: true, clock: true,
};

const refuse = (problem: string): never => {
  throw new ArgumentError("fit", problem);
};

/**
 * The steps that `fit` makes with these options: what a schedule has to know.
 *
 * @throws ArgumentError as `fit`, unless there is at least one step
 * @example
 * import { glyphs } from "@llr/data";
 * import { Rng } from "@llr/tensor";
 * import { totalSteps } from "@llr/train";
 * const train = glyphs({ count: 100, rng: new Rng(1) });
 * totalSteps({ train, batchSize: 32, epochs: 2 }) // => 8
 * totalSteps({ train, batchSize: 32, epochs: 2, dropLast: true }) // => 6
 */
export function totalSteps({ train, batchSize, epochs, dropLast = false }: Pick<FitOptions, "train" | "batchSize" | "epochs" | "dropLast">): number {
  if (!Number.isInteger(epochs) || epochs < 1) refuse(`epochs is ${epochs}. It must be a positive integer.`);
  const count = imageCount(train);
  if (count === 0) refuse(`train, ${train.name}, holds no images. It needs at least one.`);
  const perEpoch = stepsPerEpoch(train, { size: batchSize, dropLast });
  if (perEpoch === 0) refuse(`dropLast leaves no batch: ${train.name} holds ${count} images, batchSize is ${batchSize}. Make the batches smaller, or keep the short one.`);
  return epochs * perEpoch;
}

/** Checks the options of a run, and works out what follows from them. */
export function planRun(options: FitOptions): RunPlan {
  checkKeys("fit", options, OPTIONS);
  const { model, optimizer, test, epochs, clip, clipNorm } = options;
  const steps = totalSteps(options);
  const { testEvery = steps / epochs } = options;
  if (!Number.isInteger(testEvery) || testEvery < 1) refuse(`testEvery is ${testEvery}. It must be a positive integer: a number of steps.`);
  if (test && imageCount(test) === 0) refuse(`test, ${test.name}, holds no images. Leave it out, or give it some.`);
  if (clip && clipNorm !== undefined) refuse(`there are two clipping rules, clip and clipNorm (${clipNorm}). Give one of them.`);
  refuseOnDevice("fit", model, "a loop of your own with deviceOptimizer of @llr/train/gpu");
  const trained = parametersOf(optimizer, model);
  if (trained.length === 0) {
    const names = model.parameters().map(({ name }) => name);
    refuse(`the optimizer (${optimizer.name}) holds none of the model's ${names.length} parameters (${names.slice(0, 2).join(", ")} ...), so nothing would be trained. Make it over parameters of this model, not of another one that is built alike.`);
  }
  refuseLastBatch(options);
  return { steps, stepsPerEpoch: steps / epochs, testEvery, trained };
}

/** Those of the model's parameters that the optimizer holds, whatever their names: those whose gradient it sets to null. */
function parametersOf(optimizer: Optimizer, model: Module): Parameter[] {
  const parameters = model.parameters();
  const before = parameters.map(({ grad }) => grad);
  for (const p of parameters) p.grad = p.data; // a mark; any array would do
  optimizer.zeroGrad();
  const held = parameters.filter(({ grad }) => grad === null);
  parameters.forEach((p, i) => (p.grad = before[i]));
  return held;
}

/** A layer that normalises over the batch cannot train on one image, and would say so at the end of the first epoch only. */
function refuseLastBatch({ model, train, batchSize, dropLast = false, rng }: FitOptions): void {
  const count = imageCount(train);
  if (dropLast || batchSize === 1 || count === 1 || count % batchSize !== 1) return;
  const problemWith = (size: number): string | null => {
    const [{ images }] = batches(train, { size, limit: 1 });
    try {
      noGrad(() => scope(() => void model.forward(tensor(images), { training: true, rng: rng.stream("last batch"), updateStatistics: false })));
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const problem = problemWith(1);
  // What fails on two images, too, is another fault, and the first step tells it better.
  if (problem !== null && problemWith(2) === null)
    refuse(`the last batch of every epoch holds one image (${count} images, batchSize ${batchSize}), on which the model cannot be trained (${problem}) Give dropLast: true, or another batchSize.`);
}
