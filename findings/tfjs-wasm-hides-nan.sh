#!/usr/bin/env bash
# TensorFlow.js on WebAssembly: ReLUs and poolings turn NaN into 0 or -Infinity, so a diverged network yields finite numbers.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0 @tensorflow/tfjs-layers@4.22.0
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as layers from "@tensorflow/tfjs-layers";

versions("@tensorflow/tfjs-backend-cpu", "@tensorflow/tfjs-backend-wasm");
setWasmPaths(`${process.cwd()}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);
const dense = () => layers.layers.dense({ units: 1, useBias: false, kernelInitializer: "ones", inputShape: [1], activation: "relu" });
const square = () => tf.tensor4d([NaN, 1, 2, 3], [1, 2, 2, 1]);
const cases = [
  ["relu(NaN)", () => tf.relu(tf.tensor1d([NaN])), { cpu: NaN, wasm: NaN }],
  ["relu6(NaN)", () => tf.relu6(tf.tensor1d([NaN])), { cpu: NaN, wasm: 0 }],
  ["clipByValue(NaN, -1, 1)", () => tf.clipByValue(tf.tensor1d([NaN]), -1, 1), { cpu: NaN, wasm: -1 }],
  ["maximum(NaN, 0)", () => tf.maximum(tf.tensor1d([NaN]), 0), { cpu: NaN, wasm: NaN }],
  ["maximum(0, NaN)", () => tf.maximum(0, tf.tensor1d([NaN])), { cpu: NaN, wasm: 0 }],
  ["dense layer with activation relu, input NaN", () => dense().apply(tf.tensor2d([[NaN]])), { cpu: NaN, wasm: 0 }],
  ["avgPool of NaN, 1, 2, 3", () => tf.avgPool(square(), 2, 2, "valid"), { cpu: NaN, wasm: -Infinity }],
  ["maxPool of NaN, 1, 2, 3", () => tf.maxPool(square(), 2, 2, "valid"), { cpu: 3, wasm: -Infinity }],
];
for (const backend of ["cpu", "wasm"]) {
  await tf.setBackend(backend);
  for (const [name, run, expected] of cases) {
    const got = run().dataSync()[0];
    saw(`${backend}: ${name}`, { guess: NaN, got, holds: Object.is(got, expected[backend]) });
  }
}
JS
node run.mjs
