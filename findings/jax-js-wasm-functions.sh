#!/usr/bin/env bash
# jax-js on WebAssembly: sin of large numbers, and erf and tanh of small ones, keep two digits or fewer where float32 has seven.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @jax-js/jax@0.1.25
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import { defaultDevice, init, lax, numpy as np } from "@jax-js/jax";

versions("@jax-js/jax");
await init("wasm");
defaultDevice("wasm");
// Arrays of two different numbers: one number alone is computed in double precision.
const small = 2 / Math.sqrt(Math.PI); // erf x = 2 x / sqrt(pi) for small x
for (const [name, f, x, truth, atLeast] of [
  ["sin(1000)", np.sin, 1000, Math.sin(1000), 1e-5],
  ["sin(10000)", np.sin, 10000, Math.sin(10000), 1e-4],
  ["sin(100000)", np.sin, 100000, Math.sin(100000), 0.1],
  ["erf(0.0001)", lax.erf, 1e-4, small * 1e-4, 4e-4],
  ["erf(0.00001)", lax.erf, 1e-5, small * 1e-5, 0.01],
  ["tanh(0.0001)", np.tanh, 1e-4, Math.tanh(1e-4), 2e-5],
  ["tanh(0.000001)", np.tanh, 1e-6, 1e-6, 0.01],
  ["tanh(0.00000001)", np.tanh, 1e-8, 1e-8, 1],
]) {
  const got = (await f(np.array([x, 0.5])).jsAsync())[0];
  const error = Math.abs(got / truth - 1);
  saw(`${name}, relative error ${error.toExponential(1)}`, { guess: truth, got, holds: error >= atLeast });
}
JS
node run.mjs
