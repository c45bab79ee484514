// What the page asks of a model that learns, wherever it lies.
import { type Batch, batches, type Dataset, imageCount } from "@llr/data";
import { leNet5 } from "@llr/nn";
import type { Sequential } from "@llr/nn";
import type { StepRecord } from "@llr/optim";
import type { Rng } from "@llr/tensor";
import type { OptimizerName, Run } from "./recipes.ts";

/** One step as read back. */
export interface Observation {
  readonly loss: number;
  /** One a parameter. */
  readonly records: readonly StepRecord[];
}

export interface Trainer {
  /** Observations further apart cost less than the steps between; 1 where looking costs nothing. */
  readonly observeEvery: number;
  /** One step. `observed`: whether observe will be called for it. */
  step(batch: Batch, observed: boolean): void;
  /** What the last step did. The caller may go on with steps meanwhile. */
  observe(): Promise<Observation>;
  /** [images, classes] of a batch. */
  logits(batch: Batch): Promise<ArrayLike<number>>;
}

export interface TrainerOptions extends Run {
  readonly optimizer: OptimizerName;
  readonly rng: Rng;
}

/** The same seed gives the same start everywhere. */
export const newModel = ({ rng }: TrainerOptions): Sequential => leNet5({ rng: rng.stream("init") });

/** Share of right answers. */
export async function accuracyOf(trainer: Trainer, test: Dataset): Promise<number> {
  let right = 0;
  for (const batch of batches(test, { size: Math.min(250, imageCount(test)) })) {
    const logits = await trainer.logits(batch);
    const classes = logits.length / batch.size;
    batch.labels.data.forEach((label, image) => {
      let best = image * classes;
      for (let i = best + 1; i < (image + 1) * classes; i++) if (logits[i] > logits[best]) best = i;
      right += Number(best - image * classes === label);
    });
  }
  return right / imageCount(test);
}
