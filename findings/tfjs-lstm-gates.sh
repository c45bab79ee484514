#!/usr/bin/env bash
# TensorFlow.js: the gates of an LSTM or GRU are a piecewise linear "hard sigmoid" by default.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-layers@4.22.0
cat > run.mjs <<'JS'
import { near, saw, versions } from "./finding.mjs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import * as layers from "@tensorflow/tfjs-layers";

versions("@tensorflow/tfjs-layers");
await tf.setBackend("cpu");
// One unit, one step, no recurrence: h = gate(z) tanh(gate(z) tanh(z)) with z = the input, all kernels 1 and biases 0.
const out = (options) =>
  layers.layers
    .lstm({ units: 1, kernelInitializer: "ones", recurrentInitializer: "zeros", unitForgetBias: false, biasInitializer: "zeros", ...options })
    .apply(tf.tensor3d([[[3]]]))
    .dataSync()[0];
const formula = (gate) => gate * Math.tanh(gate * Math.tanh(3));
const sigmoid = formula(1 / (1 + Math.exp(-3)));
saw("LSTM, input 3, recurrentActivation sigmoid", { guess: sigmoid, got: out({ recurrentActivation: "sigmoid" }), holds: near(out({ recurrentActivation: "sigmoid" }), sigmoid) });
saw("LSTM, input 3, default", { guess: sigmoid, got: out({}), holds: near(out({}), formula(1)) });
for (const [name, make] of [["lstm", layers.layers.lstm], ["gru", layers.layers.gru]]) {
  const got = make({ units: 1 }).getConfig().recurrentActivation;
  saw(`${name}: default recurrentActivation`, { guess: "sigmoid", got, holds: got === "hardSigmoid" });
}
JS
node run.mjs
