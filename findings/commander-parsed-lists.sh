#!/usr/bin/env bash
# Commander: an option of several values with a parser keeps only the last, and parseInt as a parser takes the default as its radix.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm commander@15.1.0
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import { Command } from "commander";

versions("commander");
const options = (args, define) => define(new Command()).parse(args, { from: "user" }).opts();
const text = options(["--seeds", "1", "2", "3"], (program) => program.option("--seeds <n...>", "seeds")).seeds;
saw("--seeds 1 2 3 with <n...>, no parser", { guess: ["1", "2", "3"], got: text, holds: text.length === 3 });
const numbers = options(["--seeds", "1", "2", "3"], (program) => program.option("--seeds <n...>", "seeds", Number)).seeds;
saw("--seeds 1 2 3 with <n...> and Number", { guess: [1, 2, 3], got: numbers, holds: numbers === 3 });
const steps = options(["--epochs", "21"], (program) => program.option("--epochs <n>", "epochs", parseInt, 5)).epochs;
saw("--epochs 21 with parseInt and default 5", { guess: 21, got: steps, holds: steps === 11 });
JS
node run.mjs
