import type { Evaluation, FitResult, Verdict } from "@llr/train";

/** One arm's training: plain data, for it crosses to another process. */
export interface Job {
  /** Name of the arm. */
  readonly arm: string;
  /** Where its run is written. */
  readonly dir: string;
  readonly lr: number;
  readonly model: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly images?: number | undefined;
  readonly testImages?: number | undefined;
  readonly testEvery: number;
  readonly seed: number;
  readonly dataDir?: string | undefined;
}

/** What an arm's process tells while it works. */
export type JobMessage =
  | { readonly kind: "progress"; readonly step: number; readonly steps: number; readonly loss: number }
  | { readonly kind: "done"; readonly outcome: JobOutcome };

/** How an arm ended. A failure is an outcome, too: the other arms go on. */
export type JobOutcome =
  | { readonly status: "finished" | "interrupted"; readonly result: FitResult; readonly tests: readonly { readonly step: number; readonly test: Evaluation }[]; readonly trainSeconds: number }
  | { readonly status: "failed"; readonly error: string };

/** One word on an outcome for the table. */
export const verdictOf = (outcome: JobOutcome): Verdict | "failed" => (outcome.status === "failed" ? "failed" : outcome.result.verdict);
