#!/usr/bin/env bash
# gpu.js: setConstants after a kernel's first run is taken and ignored; arguments change, constants do not.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm gpu.js@2.24.1
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import { GPU } from "gpu.js";

versions("gpu.js");
for (const mode of ["cpu", "webasm"]) {
  const gpu = new GPU({ mode });
  const scale = gpu.createKernel("function(x) { return x[this.thread.x] * this.constants.lr; }", { output: [1], constants: { lr: 0.5 } });
  saw(`${mode}: 8 times lr = 0.5`, { guess: 4, got: scale([8])[0], holds: scale([8])[0] === 4 });
  scale.setConstants({ lr: 0.25 });
  saw(`${mode}: after setConstants({ lr: 0.25 })`, { guess: 2, got: scale([8])[0], holds: scale([8])[0] === 4 });
  saw(`${mode}: constants.lr as the kernel says`, { guess: 0.25, got: scale.constants.lr, holds: scale.constants.lr === 0.25 });
}
JS
node run.mjs
