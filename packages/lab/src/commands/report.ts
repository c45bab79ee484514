import type { Command } from "commander";
import { EXIT } from "../exit.ts";
import { readComparison } from "../report/comparison.ts";
import { formatSummary } from "../report/summary.ts";
import { writeReport } from "../report/writeReport.ts";

export function reportCommand(program: Command, exit: (code: number) => void): void {
  program
    .command("report")
    .description("Make the report and the CSV files of a comparison again, from its logs alone.")
    .argument("<folder>", "what llr compare wrote")
    .action((dir: string) => {
      const comparison = readComparison(dir);
      const path = writeReport(dir, comparison);
      console.log(`${formatSummary(comparison)}\n\nreport: ${path}`);
      exit(EXIT.ok);
    });
}
