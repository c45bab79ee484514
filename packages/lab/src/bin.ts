#!/usr/bin/env node
import { FileError } from "@llr/train/node";
import { main } from "./cli.ts";
import { EXIT } from "./exit.ts";
import { isClosedOutput } from "./interrupt.ts";

let outputFailed = false;
for (const [name, output] of [["standard output", process.stdout], ["standard error", process.stderr]] as const) {
  output.on("error", (error) => {
    // `llr report ... | head`: nobody reads any more, which is no fault. Trainings stop: see interrupt.ts.
    if (isClosedOutput(error) || outputFailed) return;
    outputFailed = true;
    if (output !== process.stderr) console.error(`llr: ${new FileError(name, error).message}`);
    process.exitCode ||= EXIT.failed;
  });
}
const code = await main(process.argv.slice(2));
process.exitCode = code === EXIT.ok && outputFailed ? EXIT.failed : code;
