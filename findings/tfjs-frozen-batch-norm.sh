#!/usr/bin/env bash
# TensorFlow.js: a frozen batch normalisation (trainable: false) still normalises by the batch in fit, and moves its statistics.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-layers@4.22.0
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import * as layers from "@tensorflow/tfjs-layers";

versions("@tensorflow/tfjs-layers");
await tf.setBackend("cpu");
const frozen = layers.layers.batchNormalization({ momentum: 0.5, inputShape: [1], trainable: false });
const model = layers.sequential({ layers: [frozen, layers.layers.dense({ units: 1, useBias: false, kernelInitializer: "ones" })] });
model.compile({ optimizer: tf.train.sgd(0), loss: "meanSquaredError" });
const x = tf.tensor2d([[5], [9]]);
const statistics = () => frozen.getWeights().slice(2).map((w) => w.dataSync()[0]);
const { history } = await model.fit(x, x, { batchSize: 2, epochs: 1 });
// By the statistics as they were (mean 0, variance 1) the model is the identity to 1e-3, and the loss is near 0.
saw("loss of fit", { guess: "below 0.001", got: history.loss[0], holds: history.loss[0] > 1 });
saw("mean and variance afterwards", { guess: [0, 1], got: statistics(), holds: String(statistics()) === "3.5,2.5" });
JS
node run.mjs
