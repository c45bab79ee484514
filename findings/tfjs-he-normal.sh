#!/usr/bin/env bash
# TensorFlow.js: heNormal, glorotNormal and leCunNormal start 12 % smaller than their formulas.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-layers@4.22.0
cat > run.mjs <<'JS'
import { near, saw, versions } from "./finding.mjs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import * as layers from "@tensorflow/tfjs-layers";

versions("@tensorflow/tfjs-layers");
await tf.setBackend("cpu");
const deviation = (values) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
// A normal cut at two standard deviations has 0.8796 of the whole one's, which the formula has to make up for.
const fan = 400;
for (const [name, formula] of [["heNormal", Math.sqrt(2 / fan)], ["glorotNormal", Math.sqrt(2 / (fan + fan))], ["leCunNormal", Math.sqrt(1 / fan)]]) {
  const got = deviation(layers.initializers[name]({ seed: 1 }).apply([fan, fan]).dataSync()) / formula;
  saw(`${name}, standard deviation over its formula's`, { guess: 1, got, holds: near(got, 0.8796, 0.005) }); // 160,000 draws: 0.0014
}
const uniform = deviation(layers.initializers.heUniform({ seed: 1 }).apply([fan, fan]).dataSync()) / Math.sqrt(2 / fan);
saw("heUniform, the same formula", { guess: 1, got: uniform, holds: near(uniform, 1, 0.005) });
JS
node run.mjs
