#!/usr/bin/env bash
# At 0, relu has gradient 1 in jax-js and abs has gradient -1 in TensorFlow.js: units that are off and weights that are 0 get gradients.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @jax-js/jax@0.1.25 @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-layers@4.22.0
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import { defaultDevice, grad, init, nn, numpy as np } from "@jax-js/jax";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import * as layers from "@tensorflow/tfjs-layers";

versions("@jax-js/jax", "@tensorflow/tfjs-core", "@tensorflow/tfjs-layers");
await init("wasm");
defaultDevice("wasm");
await tf.setBackend("cpu");
const jax = async (f, x) => (await grad((v) => f(v).sum())(np.array([x])).jsAsync())[0];
const tfjs = async (f, x) => tf.grad((v) => tf.sum(f(v)))(tf.tensor1d([x])).dataSync()[0];
for (const [name, gradient, f, x, guess, known] of [
  ["jax-js: relu", jax, nn.relu, 0, 0, 1],
  ["tfjs: relu", tfjs, tf.relu, 0, 0, 0],
  ["jax-js: relu6", jax, nn.relu6, 6, 0, 1],
  ["jax-js: abs", jax, np.abs, 0, 0, 1],
  ["tfjs: abs", tfjs, tf.abs, 0, 0, -1],
]) {
  const got = await gradient(f, x);
  saw(`${name}, gradient at ${x}`, { guess, got, holds: got === known });
}
const tie = tf.grad((v) => tf.max(v))(tf.tensor1d([5, 5, 5])).dataSync();
saw("tfjs: gradient of the maximum of 5, 5, 5", { guess: "shares that add up to 1", got: tie, holds: String(tie) === "1,1,1" });
// An L1 penalty should leave a weight at 0 that gets no gradient from the data.
const model = layers.sequential({
  layers: [layers.layers.dense({ units: 1, useBias: false, inputShape: [1], kernelInitializer: "zeros", kernelRegularizer: layers.regularizers.l1({ l1: 0.1 }) })],
});
model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
await model.fit(tf.zeros([4, 1]), tf.zeros([4, 1]), { epochs: 1 });
const weight = model.getWeights()[0].dataSync()[0];
saw("tfjs: a weight of 0 after a step of only the L1 penalty", { guess: 0, got: weight, holds: weight > 0 });
JS
node run.mjs
