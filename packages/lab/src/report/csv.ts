// The same numbers for other programs: one line an arm, and one line an observation.
import { LAYER_COLUMNS } from "@llr/train";
import type { Comparison } from "./comparison.ts";
import { stepsToTarget, thin } from "./comparison.ts";
import { verdictOf } from "./summary.ts";

/** Steps of each arm that `layers.csv` holds at most; `layers.jsonl` has them all. */
export const CSV_STEPS = 1000;

type Cell = string | number | null | undefined;

/** How a spreadsheet recognises a formula, which may call out of it. */
const FORMULA = /^[=+\-@\t\r\n]/;

/**
 * Quotes what RFC 4180 asks to be quoted; nothing becomes an empty cell. A text that a spreadsheet would take for a formula
 * gets an apostrophe before it, as spreadsheets themselves mark text; a number stays a number, be it negative.
 */
function cell(x: Cell): string {
  if (typeof x !== "string") return String(x ?? "");
  const text = FORMULA.test(x) && !isNumber(x) ? `'${x}` : x;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A plain number as JSON writes it; Number alone would take "\t1" and "+0x1" as well. */
const isNumber = (text: string): boolean => /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text);

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
