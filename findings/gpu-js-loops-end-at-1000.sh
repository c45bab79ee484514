#!/usr/bin/env bash
# gpu.js: a loop whose bound is an argument stops after 1000 rounds, in every mode and without a word.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm gpu.js@2.24.1
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import { GPU } from "gpu.js";

versions("gpu.js");
const rounds = 5000;
for (const mode of ["cpu", "webasm"]) {
  const gpu = new GPU({ mode });
  const count = (source, settings, ...args) => gpu.createKernel(source, { output: [1], ...settings })(...args)[0];
  const fixed = count("function() { let s = 0; for (let i = 0; i < 5000; i++) s += 1; return s; }", {});
  saw(`${mode}: for, bound 5000 in the text`, { guess: rounds, got: fixed, holds: fixed === rounds });
  const constant = count("function() { let s = 0; for (let i = 0; i < this.constants.n; i++) s += 1; return s; }", { constants: { n: rounds } });
  saw(`${mode}: for, bound in constants`, { guess: rounds, got: constant, holds: constant === rounds });
  const argument = count("function(n) { let s = 0; for (let i = 0; i < n; i++) s += 1; return s; }", {}, rounds);
  saw(`${mode}: for, bound an argument of 5000`, { guess: rounds, got: argument, holds: argument === 1000 });
  const open = count("function(n) { let s = 0; let i = 0; while (i < n) { s += 1; i++; } return s; }", {}, rounds);
  saw(`${mode}: while, bound an argument of 5000`, { guess: rounds, got: open, holds: open === 1000 });
  const raised = count("function(n) { let s = 0; for (let i = 0; i < n; i++) s += 1; return s; }", { loopMaxIterations: 10000 }, rounds);
  saw(`${mode}: the same for with loopMaxIterations 10000`, { guess: rounds, got: raised, holds: raised === rounds });
}
JS
node run.mjs
