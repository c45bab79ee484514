#!/usr/bin/env bash
# ONNX Runtime Web: the sigmoid of -18 and less is exactly 0, where float32 goes on to -103: log of it is -Infinity.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm onnxruntime-web@1.30.0
cat > run.mjs <<'JS'
import { near, saw, versions } from "./finding.mjs";
import { oneNode } from "./onnx.mjs";

versions("onnxruntime-web");
const x = [-10, -17, -18, -20, -40];
const sigmoid = await oneNode("Sigmoid", x);
x.forEach((at, i) => {
  const truth = 1 / (1 + Math.exp(-at));
  saw(`Sigmoid(${at})`, { guess: truth, got: sigmoid[i], holds: at > -18 ? sigmoid[i] > 0.7 * truth : sigmoid[i] === 0 });
});
const [softplus] = await oneNode("Softplus", [-20]);
saw("Softplus(-20), which needs the same exponential", { guess: Math.log1p(Math.exp(-20)), got: softplus, holds: near(softplus, Math.log1p(Math.exp(-20)), 1e-12) });
JS
node run.mjs
