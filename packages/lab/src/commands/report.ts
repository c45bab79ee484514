import type { Command } from "commander";
import { EXIT } from "../exit.ts";
import { readComparison } from "../report/comparison.ts";
import { formatSummary } from "../report/summary.ts";
import { warningsOf } from "../report/warnings.ts";
import { writeReport } from "../report/writeReport.ts";
import { visible } from "../visibleText.ts";

interface ReportOptions {
  readonly out?: string;
  readonly markDamaged?: boolean;
}

export function reportCommand(program: Command, exit: (code: number) => void): void {
  program
    .command("report")
    .description("Make the report and the CSV files of a comparison again, from its logs alone.")
    .argument("<folder>", "what llr compare wrote")
    .option("--out <folder>", "where the report and the CSV files are written (default: beside the logs)")
    .option("--mark-damaged", "report the other arms, too, where logs are damaged (default: refuse); the exit code stays 1")
    .action((dir: string, { out = dir, markDamaged = false }: ReportOptions) => {
      const comparison = readComparison(dir, { damaged: markDamaged ? "mark" : "refuse" });
      // The table first: it is there even where the files cannot be written.
      console.log(`${formatSummary(comparison)}\n`);
      for (const warning of warningsOf(comparison)) console.log(visible(`warning: ${warning}`));
      console.log(`report: ${writeReport(out, comparison)}`);
      exit(comparison.arms.some((arm) => arm.status === "damaged") ? EXIT.failed : EXIT.ok);
    });
}
