#!/usr/bin/env bash
# jax-js: argmax and argmin of numbers with a NaN among them give an index one past the end.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @jax-js/jax@0.1.25
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import { defaultDevice, init, numpy as np } from "@jax-js/jax";

versions("@jax-js/jax");
await init("wasm");
for (const device of ["cpu", "wasm"]) {
  defaultDevice(device);
  for (const [values, guess] of [[[1, NaN, 2], 1], [[NaN, 5, 2, 7], 0]]) {
    for (const name of ["argmax", "argmin"]) {
      const got = await np[name](np.array(values)).jsAsync();
      saw(`${device}: ${name} of ${values.join(", ")}`, { guess, got, holds: got === values.length });
    }
  }
}
JS
node run.mjs
