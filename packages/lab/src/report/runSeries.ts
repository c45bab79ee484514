// An arm's course as lists, one entry a step: what charts, the page's data and the saved CSV files take it from.
import type { ArmRun } from "./comparison.ts";

/** Quantities of a whole run, with the words for an axis. */
export const RUN_QUANTITIES = {
  loss: "training loss of a batch", smoothedLoss: "training loss, smoothed", accuracy: "training accuracy of a batch", smoothedAccuracy: "training accuracy, smoothed",
  gradNorm: "gradient norm ‖g‖", smoothedGradNorm: "gradient norm ‖g‖, smoothed", lr: "scheduled rate", momentum: "momentum",
} as const;
export type RunQuantity = keyof typeof RUN_QUANTITIES;

export type RunSeries = Readonly<Record<RunQuantity | "step" | "seconds", readonly number[]>>;

/** Weight of the past in smoothed curves: about the last 50 steps count. As in the loss that the table shows. */
const SMOOTHING = 0.98;

/** NaN where nothing was recorded. */
export function runSeries({ metrics, secondsAtStep }: ArmRun): RunSeries {
  const loss = metrics.map((m) => m.loss);
  const accuracy = metrics.map((m) => m.accuracy ?? NaN);
  const gradNorm = metrics.map((m) => m.gradNorm);
  return {
    step: metrics.map((m) => m.step), seconds: metrics.map((m) => secondsAtStep[m.step - 1] ?? NaN),
    loss, smoothedLoss: smoothed(loss), accuracy, smoothedAccuracy: smoothed(accuracy), gradNorm, smoothedGradNorm: smoothed(gradNorm),
    lr: metrics.map((m) => m.lr), momentum: metrics.map((m) => m.momentum ?? NaN),
  };
}

/**
 * Bias-corrected exponential average. A value that is no number interrupts the curve and is not averaged.
 *
 *     average_t = (1 - s) sum over i of s^(t-i) x_i / (1 - s^t)
 */
export function smoothed(values: readonly number[]): number[] {
  let average = 0;
  let past = 1;
  return values.map((x) => {
    if (!Number.isFinite(x)) return NaN;
    average = SMOOTHING * average + (1 - SMOOTHING) * x;
    past *= SMOOTHING;
    return average / (1 - past);
  });
}
