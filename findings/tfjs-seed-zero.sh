#!/usr/bin/env bash
# TensorFlow.js: seed 0 seeds uniform numbers, and leaves normal and multinomial ones unseeded.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-layers@4.22.0
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import * as layers from "@tensorflow/tfjs-layers";

versions("@tensorflow/tfjs-core", "@tensorflow/tfjs-layers");
await tf.setBackend("cpu");
const twice = (draw) => String(draw().dataSync()) === String(draw().dataSync());
const cases = [
  ["randomUniform", (seed) => tf.randomUniform([4], 0, 1, "float32", seed), true],
  ["randomNormal", (seed) => tf.randomNormal([4], 0, 1, "float32", seed), false],
  ["multinomial", (seed) => tf.multinomial([0.5, 0.5], 40, seed, true), false],
  ["truncatedNormal", (seed) => tf.truncatedNormal([4], 0, 1, "float32", seed), false],
  ["initializers.glorotUniform", (seed) => layers.initializers.glorotUniform({ seed }).apply([2, 2]), true],
  ["initializers.heNormal", (seed) => layers.initializers.heNormal({ seed }).apply([2, 2]), false],
];
for (const [name, draw, zeroRepeats] of cases) {
  saw(`${name}, seed 1, twice the same`, { guess: true, got: twice(() => draw(1)), holds: twice(() => draw(1)) });
  const got = twice(() => draw(0));
  saw(`${name}, seed 0, twice the same`, { guess: true, got, holds: got === zeroRepeats });
}
JS
node run.mjs
