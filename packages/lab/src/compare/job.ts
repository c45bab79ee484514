import type { DataOptions, Selection } from "../datasets.ts";

/** One arm's training: plain data, for it crosses to another process. */
export interface Job extends Selection, DataOptions {
  /** Name of the arm. */
  readonly arm: string;
  /** Where its run is written. */
  readonly dir: string;
  readonly lr: number;
  readonly model: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly testEvery: number;
  readonly seed: number;
  /** Whether products are rounded before they are added, on every processor: see portable.ts. */
  readonly portable: boolean;
  /** Whether every layer's numbers are written, too: megabytes a run. */
  readonly recordLayers: boolean;
}

export interface JobProgress {
  readonly step: number;
  readonly loss: number;
  /** The latest test, 0 to 1; null before the first. */
  readonly accuracy: number | null;
}

/**
 * What an arm's process tells while it works. Everything else is in its logs. When it is ready it waits for "go", and writes
 * nothing before: until then it can be ended without a trace.
 */
export type JobMessage = { readonly kind: "ready" } | ({ readonly kind: "progress" } & JobProgress) | { readonly kind: "done"; readonly outcome: JobOutcome };

/** How an arm ended. A failure is an outcome, too: the other arms go on. A training that diverged is a result. */
export type JobOutcome = { readonly status: "finished" | "interrupted" } | { readonly status: "failed"; readonly error: string; readonly isDivergence: boolean };
