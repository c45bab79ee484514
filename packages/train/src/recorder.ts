import type { StepRecord } from "@llr/optim";
import type { Evaluation } from "./evaluate.ts";

/** One training step. Nothing in it depends on the clock: the same seed gives the same lines. */
export interface StepMetrics {
  /** Steps completed, from 1. */
  readonly step: number;
  /** Whole epochs completed before this step: 0 throughout the first. */
  readonly epoch: number;
  /** Mean loss of the batch, before the update. */
  readonly loss: number;
  /** Share of the batch that the model had right, 0 to 1, before the update; absent from runs recorded before it was kept. */
  readonly accuracy?: number;
  /** The schedule's rate in this step. */
  readonly lr: number;
  /** The schedule's momentum (beta1 of Adam) in this step; absent for an optimizer without. */
  readonly momentum?: number;
  /** Norm of all gradients together, before clipping. */
  readonly gradNorm: number;
  /** Whether gradients were clipped; absent without clipping. */
  readonly clipped?: boolean;
}

/** One evaluation on the test set, after `step` steps. */
export interface TestMetrics {
  /** Steps completed, as in the line of the step before. */
  readonly step: number;
  /** Whole epochs completed with this step: after the last step of epoch e, which counts from 0, it is e + 1. */
  readonly epoch: number;
  readonly test: Evaluation;
}

/** Where `fit` writes what happens. A run folder is one (`@llr/train/node`), an array another. */
export interface Recorder {
  metrics(record: StepMetrics | TestMetrics): void;
  /** What the optimizer did to each parameter in a step. */
  layers?(step: number, records: readonly StepRecord[]): void;
  /** Wall time of a step or an evaluation: kept apart from the metrics, which must be reproducible. */
  time(record: { readonly step: number; readonly what: "step" | "test"; readonly ms: number }): void;
}
