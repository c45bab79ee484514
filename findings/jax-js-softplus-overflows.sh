#!/usr/bin/env bash
# jax-js: softplus is Infinity and logSigmoid -Infinity from 88.8 on, where both are straight lines.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @jax-js/jax@0.1.25
cat > run.mjs <<'JS'
import { near, saw, versions } from "./finding.mjs";
import { defaultDevice, init, nn, numpy as np } from "@jax-js/jax";

versions("@jax-js/jax");
await init("wasm");
const x = () => np.array([80, 89, 100]);
for (const device of ["cpu", "wasm"]) {
  defaultDevice(device);
  const soft = await nn.softplus(x()).jsAsync();
  saw(`${device}: softplus of 80, 89, 100`, { guess: [80, 89, 100], got: soft, holds: near(soft[0], 80) && soft[1] === Infinity && soft[2] === Infinity });
  const log = await nn.logSigmoid(x().mul(-1)).jsAsync();
  saw(`${device}: logSigmoid of -80, -89, -100`, { guess: [-80, -89, -100], got: log, holds: near(log[0], -80) && log[1] === -Infinity && log[2] === -Infinity });
  const other = await np.logaddexp(x(), np.zeros([3])).jsAsync();
  saw(`${device}: logaddexp with 0, the same function`, { guess: [80, 89, 100], got: other, holds: other.every((value, i) => near(value, [80, 89, 100][i])) });
}
JS
node run.mjs
