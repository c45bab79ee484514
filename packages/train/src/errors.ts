import type { MeasuredGradient } from "@llr/optim";
import { LlrError } from "@llr/tensor";
import type { RateWarning } from "./rateWatch.ts";

/** A number that is not finite has ended the run. */
export class NonFiniteError extends LlrError {
  readonly step: number;
  /** Parameters whose rates had been too large until then. */
  warnings: readonly RateWarning[] = [];

  constructor(code: string, step: number, problem: string) {
    super(code, `fit: ${problem}`);
    this.step = step;
  }
}

/** The loss is no number any more. Nothing was updated with it. */
export class NonFiniteLossError extends NonFiniteError {
  constructor(step: number, problem: string) {
    super("LLR_NON_FINITE_LOSS", step, problem);
  }
}

/** The norm of a gradient is no number any more. */
export class NonFiniteGradientError extends NonFiniteError {
  /** The parameter whose gradient is not finite: of several the last in the model, the first that the way back from the loss came to. Null if it could not be found again. */
  readonly param: string | null;
  readonly layer: string | null;

  constructor(step: number, found: Pick<MeasuredGradient, "name" | "layer"> | null, problem: string) {
    super("LLR_NON_FINITE_GRADIENT", step, problem);
    this.param = found?.name ?? null;
    this.layer = found?.layer ?? null;
  }
}
