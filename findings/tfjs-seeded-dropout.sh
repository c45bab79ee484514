#!/usr/bin/env bash
# TensorFlow.js: a dropout layer with a seed drops the same units in every step of a training.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-layers@4.22.0
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import * as layers from "@tensorflow/tfjs-layers";

versions("@tensorflow/tfjs-layers");
await tf.setBackend("cpu");
async function trainedWeights(seed) {
  const model = layers.sequential({
    layers: [
      layers.layers.dropout({ rate: 0.5, seed, inputShape: [8] }),
      layers.layers.dense({ units: 1, useBias: false, kernelInitializer: "zeros" }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.01), loss: "meanSquaredError" });
  await model.fit(tf.ones([20, 8]), tf.ones([20, 1]), { epochs: 3, batchSize: 1 });
  return model.getWeights()[0].dataSync().filter((w) => w !== 0).length;
}
// 60 steps; a unit that is kept in any of them gets a gradient.
const without = await trainedWeights(undefined);
saw("no seed: weights of 8 that moved in 60 steps", { guess: 8, got: without, holds: without === 8 });
const seeded = await trainedWeights(3);
saw("seed 3: weights of 8 that moved in 60 steps", { guess: 8, got: seeded, holds: seeded < 8 });
const layer = layers.layers.dropout({ rate: 0.5, seed: 7 });
const masks = Array.from({ length: 20 }, () => String(layer.apply(tf.ones([1, 16]), { training: true }).dataSync()));
saw("seed 7: different masks in 20 calls of one layer", { guess: 20, got: new Set(masks).size, holds: new Set(masks).size === 1 });
JS
node run.mjs
