import { Command, CommanderError } from "commander";
import { compareCommand } from "./commands/compare.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { driftCommand } from "./commands/drift.ts";
import { reportCommand } from "./commands/report.ts";
import { sweepCommand } from "./commands/sweep.ts";
import { trainCommand } from "./commands/train.ts";
import { EXIT } from "./exit.ts";
import { isExpected } from "./expectedError.ts";
import { LAB_VERSION } from "./machine.ts";
import { visible } from "./visibleText.ts";

/** Runs the `llr` command and returns its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = new Command("llr")
    .description("Experiments on layer-wise learning rates.")
    .version(LAB_VERSION)
    .showSuggestionAfterError(true)
    .exitOverride()
    // One line: "llr: unknown option '--lrr' (Did you mean --lr?)"
    .configureOutput({ outputError: (text, write) => write(`llr: ${text.replace(/^error: /, "").trim().replaceAll("\n", " ")}\n`) })
    .addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C, 143 by SIGTERM,\n129 by SIGHUP, 141 because nobody reads the output (finished step and results are saved).");
  for (const command of [trainCommand, compareCommand, sweepCommand, reportCommand, driftCommand, doctorCommand]) command(program, (code) => (exitCode = code));
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    return report(error);
  }
}

/** One line for what the user can mend; the stack for what only we can. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // it has printed its line
  if (isExpected(error)) {
    console.error(`llr: ${visible(error.message)}`);
    return EXIT.failed;
  }
  console.error(`llr: internal error, please report it: ${error instanceof Error ? error.stack : String(error)}`);
  return EXIT.failed;
}
