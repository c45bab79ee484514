#!/usr/bin/env bash
# TensorFlow.js: assigning optimizer.learningRate changes Adam and its kin, and leaves SGD and momentum at the old rate.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-layers@4.22.0
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers"; // registers the gradients

versions("@tensorflow/tfjs-core");
await tf.setBackend("cpu");
const makers = {
  sgd: () => tf.train.sgd(0.1), momentum: () => tf.train.momentum(0.1, 0.9), adam: () => tf.train.adam(0.1), rmsprop: () => tf.train.rmsprop(0.1),
  adagrad: () => tf.train.adagrad(0.1), adadelta: () => tf.train.adadelta(0.1), adamax: () => tf.train.adamax(0.1),
};
for (const [name, make] of Object.entries(makers)) {
  const weight = tf.variable(tf.tensor1d([1]));
  const optimizer = make();
  optimizer.learningRate = 0;
  optimizer.minimize(() => tf.sum(tf.square(weight)));
  const moved = weight.dataSync()[0] !== 1;
  saw(`${name}: getConfig says ${optimizer.getConfig().learningRate}; the weight moved`, { guess: false, got: moved, holds: moved === (name === "sgd" || name === "momentum") });
}
const weight = tf.variable(tf.tensor1d([1]));
const optimizer = tf.train.sgd(0.1);
optimizer.setLearningRate(0);
optimizer.minimize(() => tf.sum(tf.square(weight)));
saw("sgd after setLearningRate(0): the weight", { guess: 1, got: weight.dataSync()[0], holds: weight.dataSync()[0] === 1 });
saw("adam has setLearningRate", { guess: true, got: "setLearningRate" in tf.train.adam(0.1), holds: !("setLearningRate" in tf.train.adam(0.1)) });
JS
node run.mjs
