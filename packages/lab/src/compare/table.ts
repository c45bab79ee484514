import type { Arm } from "../arms.ts";
import type { JobOutcome } from "./job.ts";
import { verdictOf } from "./job.ts";

/** First evaluated step at which the accuracy reached the target; null: never. */
export function stepsToTarget(outcome: JobOutcome, target: number): number | null {
  if (outcome.status === "failed") return null;
  return outcome.tests.find(({ test }) => test.accuracy >= target)?.step ?? null;
}

export interface Row {
  readonly arm: Arm;
  readonly lr: number;
  readonly outcome: JobOutcome;
}

const HEADINGS = ["arm", "largest rate", "accuracy", "test loss", "seconds", "steps to target", "training loss"];

function cells({ arm, lr, outcome }: Row, target: number): string[] {
  if (outcome.status === "failed") return [arm.label, String(lr), "-", "-", "-", "-", "failed"];
  const { result, trainSeconds } = outcome;
  const reached = stepsToTarget(outcome, target);
  return [
    arm.label, String(lr),
    result.test ? `${(100 * result.test.accuracy).toFixed(2)} %` : "-",
    result.test ? result.test.loss.toFixed(4) : "-",
    trainSeconds.toFixed(1),
    reached === null ? "not reached" : String(reached),
    outcome.status === "interrupted" ? `stopped at step ${result.steps}` : verdictOf(outcome),
  ];
}

/** The outcomes as a table for a terminal, failures with their reason below. */
export function formatTable(rows: readonly Row[], target: number): string {
  const lines = [HEADINGS, ...rows.map((row) => cells(row, target))];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const text = lines.map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join("  ").trimEnd());
  const failures = rows.flatMap(({ arm, outcome }) => (outcome.status === "failed" ? [`${arm.label}: ${outcome.error}`] : []));
  return [...text, ...failures].join("\n");
}

/** The same as comma-separated values, one line an arm. */
export function formatCsv(rows: readonly Row[], target: number): string {
  const lines = rows.map(({ arm, lr, outcome }) => {
    const { result = null, trainSeconds = null } = outcome.status === "failed" ? {} : outcome;
    return [arm.name, lr, result?.test?.accuracy, result?.test?.loss, trainSeconds, stepsToTarget(outcome, target), outcome.status, verdictOf(outcome)].map((x) => x ?? "").join(",");
  });
  return `${["arm,lr,accuracy,testLoss,trainSeconds,stepsToTarget,status,verdict", ...lines].join("\n")}\n`;
}
