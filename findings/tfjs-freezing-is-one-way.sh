#!/usr/bin/env bash
# TensorFlow.js: after compile, freezing a layer acts at once and unfreezing it does not (a warning goes to the console either way).
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-layers@4.22.0
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import * as layers from "@tensorflow/tfjs-layers";

versions("@tensorflow/tfjs-layers");
await tf.setBackend("cpu");
async function movedAfter(atCompile, later) {
  const dense = (options) => layers.layers.dense({ units: 1, useBias: false, kernelInitializer: "ones", ...options });
  const first = dense({ inputShape: [1], trainable: atCompile });
  const model = layers.sequential({ layers: [first, dense({})] });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
  first.trainable = later;
  await model.fit(tf.ones([4, 1]), tf.zeros([4, 1]), { epochs: 1 });
  return first.getWeights()[0].dataSync()[0] !== 1;
}
// In Keras, trainable is read at compile: a change acts with the next compile, in both directions.
const frozen = await movedAfter(true, false);
saw("trainable at compile, frozen before fit: the layer moved", { guess: true, got: frozen, holds: frozen === false });
const unfrozen = await movedAfter(false, true);
saw("frozen at compile, trainable before fit: the layer moved", { guess: "the same as above", got: unfrozen, holds: unfrozen === false });
const plain = await movedAfter(true, true);
saw("trainable at compile and fit: the layer moved", { guess: true, got: plain, holds: plain });
JS
node run.mjs
