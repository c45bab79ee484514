import { join } from "node:path";
import { makeFolder, writeWhole } from "@llr/train/node";
import type { Comparison } from "./comparison.ts";
import { withContentPolicy } from "./contentPolicy.ts";
import { layersCsv, summaryCsv } from "./csv.ts";
import { reportPage } from "./page.ts";

/**
 * Writes `report.html`, `summary.csv` and `layers.csv`.
 *
 * @param dir made if it does not exist
 * @returns the path of the report
 */
export function writeReport(dir: string, comparison: Comparison): string {
  // Everything is made before anything is written, so that no half of a report stands beside the other half of an older one.
  const files = { "report.html": withContentPolicy(reportPage(comparison)), "summary.csv": summaryCsv(comparison), "layers.csv": layersCsv(comparison) };
  makeFolder(dir);
  for (const [name, text] of Object.entries(files)) writeWhole(join(dir, name), text);
  return join(dir, "report.html");
}
