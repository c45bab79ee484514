#!/usr/bin/env bash
# TensorFlow.js: fit's loss has the regularisers' penalty in it, evaluate's and the validation loss have not.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-layers@4.22.0
cat > run.mjs <<'JS'
import { near, saw, versions } from "./finding.mjs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import * as layers from "@tensorflow/tfjs-layers";

versions("@tensorflow/tfjs-layers");
await tf.setBackend("cpu");
const model = layers.sequential({
  layers: [layers.layers.dense({ units: 1, useBias: false, inputShape: [1], kernelInitializer: "ones", kernelRegularizer: layers.regularizers.l2({ l2: 0.1 }) })],
});
model.compile({ optimizer: tf.train.sgd(0), loss: "meanSquaredError" });
// Input 2, target 2, weight 1: no error; the penalty is 0.1 x 1. Rate 0, so that the weight stays.
const x = tf.tensor2d([[2], [2]]);
const { history } = await model.fit(x, x, { epochs: 1, validationData: [x, x] });
saw("fit: loss", { guess: 0.1, got: history.loss[0], holds: near(history.loss[0], 0.1) });
saw("fit: validation loss on the same data", { guess: 0.1, got: history.val_loss[0], holds: history.val_loss[0] === 0 });
const evaluated = model.evaluate(x, x).dataSync()[0];
saw("evaluate on the same data", { guess: 0.1, got: evaluated, holds: evaluated === 0 });
JS
node run.mjs
