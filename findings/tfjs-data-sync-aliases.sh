#!/usr/bin/env bash
# TensorFlow.js: on the cpu backend dataSync() and the array that made a tensor are the tensor's own memory, shared by its clones; on wasm they are copies.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

versions("@tensorflow/tfjs-backend-cpu", "@tensorflow/tfjs-backend-wasm");
setWasmPaths(`${process.cwd()}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);
const cases = {
  "an array changed after tensor1d(array): the tensor": () => {
    const array = Float32Array.of(1, 2);
    const tensor = tf.tensor1d(array);
    array[0] = 9;
    return tf.add(tensor, 0);
  },
  "dataSync() of a variable written to: the variable": () => {
    const variable = tf.variable(tf.tensor1d([1, 2]));
    variable.dataSync()[0] = 9;
    return tf.add(variable, 0);
  },
  "dataSync() of a clone written to: the original": () => {
    const original = tf.add(tf.tensor1d([0, 1]), 1);
    tf.clone(original).dataSync()[0] = 9;
    return tf.add(original, 0);
  },
};
for (const [backend, expected] of [["cpu", "9,2"], ["wasm", "1,2"]]) {
  await tf.setBackend(backend);
  for (const [name, run] of Object.entries(cases)) {
    const got = run().dataSync();
    saw(`${backend}: ${name}`, { guess: [1, 2], got, holds: String(got) === expected });
  }
}
JS
node run.mjs
