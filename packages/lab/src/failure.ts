import { type FitResult, NonFiniteError, type RateWarning, type Verdict } from "@llr/train";

/** What `run.json` says of a training that broke off. */
export interface Failure {
  readonly error: string;
  readonly verdict?: Verdict;
  readonly steps?: number;
  /** Parameters whose rates had been too large until then. */
  readonly warnings?: readonly RateWarning[];
}

export function failureOf(error: unknown): Failure {
  const { message } = error as Error;
  return error instanceof NonFiniteError ? { error: message, verdict: "nonFinite", steps: error.step, warnings: error.warnings } : { error: message };
}

/** How a training that fit brought to its end is recorded: one whose numbers are not finite has failed, and keeps its result. */
export function endOf(result: FitResult): { readonly status: "finished" | "interrupted" | "failed"; readonly result: FitResult & { readonly error?: string } } {
  if (result.problem !== null) return { status: "failed", result: { ...result, error: result.problem } };
  return { status: result.ended === "finished" ? "finished" : "interrupted", result };
}
