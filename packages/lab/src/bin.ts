#!/usr/bin/env node
import { main } from "./cli.ts";

// `llr ... | head`: nobody reads any more, which is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
process.exitCode = await main(process.argv.slice(2));
