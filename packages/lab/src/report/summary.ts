// The outcome of a comparison in a line an arm: for the terminal, the report and a CSV file.
import { VERDICT_WORDS } from "@llr/train";
import { textTable } from "../textTable.ts";
import { visible } from "../visibleText.ts";
import type { ArmRun, Comparison } from "./comparison.ts";
import { stepsToTarget } from "./comparison.ts";

export const SUMMARY_HEADINGS: readonly string[] = ["arm", "rate", "accuracy", "test loss", "train loss", "seconds", "to target", "training"];
/** What a terminal of 80 columns has no room for. */
const LEFT_OUT = SUMMARY_HEADINGS.indexOf("train loss");

/** A word or two on what became of an arm. */
export function verdictOf(arm: ArmRun): string {
  if (arm.status === "interrupted") return `stopped at step ${arm.metrics.length}`;
  if (arm.status === "running") return `running, step ${arm.metrics.length}`;
  if (arm.status !== "finished" && arm.verdict !== "nonFinite") return arm.status;
  return arm.verdict === null ? "unknown" : VERDICT_WORDS[arm.verdict].label;
}

/** The cells of an arm's line, in the order of {@link SUMMARY_HEADINGS}. */
export function summaryCells(arm: ArmRun, target: number): string[] {
  const { result, trainSeconds } = arm;
  const test = arm.tests.at(-1)?.test;
  const reached = stepsToTarget(arm, target);
  return [
    arm.label, String(arm.lr),
    test ? percent(test.accuracy) : "-",
    test ? lossText(test.loss) : "-",
    result ? lossText(result.trainLoss) : "-",
    trainSeconds === null ? "-" : trainSeconds.toFixed(1),
    stepsOf(reached, arm.status),
    verdictOf(arm),
  ];
}

/** @param reached the step at which the target was reached; null if it was not */
function stepsOf(reached: number | null, status: ArmRun["status"]): string {
  if (reached !== null) return `${reached} steps`;
  if (status === "running") return "not yet";
  return status === "not started" || status === "damaged" ? "-" : "never";
}

/** 0.4477, but 1.23e12: one that exploded must not push the other columns away. */
const lossText = (loss: number): string => (Math.abs(loss) < 1e5 ? loss.toFixed(4) : loss.toExponential(2).replace("e+", "e"));

/** 0.98765 -> "98.77 %" */
export const percent = (x: number): string => `${(100 * x).toFixed(2)} %`;

/** The outcomes as a table for a terminal, failures with their reason below. Nothing in it but line ends moves a cursor. */
export function formatSummary({ manifest, arms }: Comparison): string {
  const lines = [SUMMARY_HEADINGS, ...arms.map((arm) => summaryCells(arm, manifest.config.targetAccuracy))].map((line) => line.toSpliced(LEFT_OUT, 1).map(visible));
  return [...textTable(lines), ...remarks(arms).map(({ label, remark }) => visible(`${label}: ${remark}`))].join("\n");
}

/** Of each arm why it failed, and what a reader of its numbers should know. */
export const remarks = (arms: readonly ArmRun[]): { readonly label: string; readonly remark: string }[] =>
  arms.flatMap(({ label, error, notes }) => [...(error === null ? [] : [error]), ...notes].map((remark) => ({ label, remark })));
