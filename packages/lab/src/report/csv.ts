// The same numbers for other programs: one line an arm, and one line an observation.
import { LAYER_COLUMNS } from "@llr/train";
import type { Comparison } from "./comparison.ts";
import { stepsToTarget, thin } from "./comparison.ts";
import { verdictOf } from "./summary.ts";

/** Steps of each arm that `layers.csv` holds at most; `layers.jsonl` has them all. */
export const CSV_STEPS = 1000;

type Cell = string | number | null | undefined;

/** Quotes what RFC 4180 asks to be quoted; nothing becomes an empty cell. */
const cell = (x: Cell): string => (typeof x === "string" && /[",\r\n]/.test(x) ? `"${x.replaceAll('"', '""')}"` : String(x ?? ""));
/** Rows as the text of a CSV file. */
export const csv = (rows: readonly (readonly Cell[])[]): string => rows.map((row) => `${row.map(cell).join(",")}\n`).join("");

/** One line an arm. */
export function summaryCsv({ manifest, arms }: Comparison): string {
  const rows = arms.map((arm) => {
    const test = arm.tests.at(-1)?.test;
    return [arm.name, arm.lr, test?.accuracy, test?.loss, arm.result?.trainLoss, arm.trainSeconds, stepsToTarget(arm, manifest.config.targetAccuracy), arm.status, verdictOf(arm)];
  });
  return csv([["arm", "lr", "accuracy", "testLoss", "trainLoss", "trainSeconds", "stepsToTarget", "status", "verdict"], ...rows]);
}

/** Tidy: one line for each arm, step and parameter, with the columns of the optimizer's record. */
export function layersCsv({ arms }: Comparison): string {
  const rows: Cell[][] = [["arm", "step", "layer", "parameter", ...LAYER_COLUMNS]];
  for (const { name, layers } of arms)
    for (const i of thin(layers.steps.length, CSV_STEPS))
      for (const p of layers.parameters) {
        const columns = layers.columns.get(p.name)!;
        rows.push([name, layers.steps[i], p.layer, p.name, ...LAYER_COLUMNS.map((c) => columns[c][i])]);
      }
  return csv(rows);
}
