#!/usr/bin/env bash
# TensorFlow.js: categoricalCrossentropy on a softmax has no gradient at all where the network is confidently wrong.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-layers@4.22.0
cat > run.mjs <<'JS'
import { near, saw, versions } from "./finding.mjs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import * as layers from "@tensorflow/tfjs-layers";

versions("@tensorflow/tfjs-layers");
await tf.setBackend("cpu");
const target = tf.tensor2d([[1, 0]]);
const ofLayers = (z) => tf.sum(layers.metrics.categoricalCrossentropy(target, tf.softmax(z)));
const ofLogits = (z) => tf.losses.softmaxCrossEntropy(target, z);
// Both classes' gradient is softmax - target: -1 for the right class that got no probability.
for (const [gap, flat] of [[10, false], [15, false], [17, true], [30, true]]) {
  const logits = tf.tensor2d([[0, gap]]);
  const got = tf.grad(ofLayers)(logits).dataSync()[0];
  saw(`wrong by ${gap}: gradient of the right class's logit`, { guess: -1, got, holds: near(got, flat ? 0 : -1, 1e-4) });
  const exact = tf.grad(ofLogits)(logits).dataSync()[0];
  saw(`wrong by ${gap}: the same from losses.softmaxCrossEntropy`, { guess: -1, got: exact, holds: near(exact, -1, 1e-4) });
}
// The same in a training: a layer that is wrong by 40 never moves.
const model = layers.sequential({
  layers: [layers.layers.dense({ units: 2, useBias: false, inputShape: [1], activation: "softmax", weights: [tf.tensor2d([[-20, 20]])] })],
});
model.compile({ optimizer: tf.train.sgd(1), loss: "categoricalCrossentropy" });
const { history } = await model.fit(tf.ones([8, 1]), tf.tensor2d(Array.from({ length: 8 }, () => [1, 0])), { epochs: 20 });
const weights = model.getWeights()[0].dataSync();
saw(`20 epochs at rate 1, loss ${history.loss.at(-1).toFixed(1)}: weights that began as -20, 20`, { guess: [0.1, -0.1].map(() => "moved"), got: weights, holds: weights[0] === -20 && weights[1] === 20 });
JS
node run.mjs
