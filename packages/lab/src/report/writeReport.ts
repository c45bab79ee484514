import { join } from "node:path";
import { writeWhole } from "@llr/train/node";
import type { Comparison } from "./comparison.ts";
import { layersCsv, summaryCsv } from "./csv.ts";
import { reportPage } from "./page.ts";

/** Writes `report.html`, `summary.csv` and `layers.csv` beside the logs. @returns the path of the report */
export function writeReport(dir: string, comparison: Comparison): string {
  const report = join(dir, "report.html");
  writeWhole(report, reportPage(comparison));
  writeWhole(join(dir, "summary.csv"), summaryCsv(comparison));
  writeWhole(join(dir, "layers.csv"), layersCsv(comparison));
  return report;
}
