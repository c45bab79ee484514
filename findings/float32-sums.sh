#!/usr/bin/env bash
# Sums of ten million equal numbers are 8.8 % off on WebAssembly in TensorFlow.js, jax-js and ONNX Runtime Web: they add one by one in float32.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0 @jax-js/jax@0.1.25 onnxruntime-web@1.30.0
cat > run.mjs <<'JS'
import { near, saw, versions } from "./finding.mjs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { oneNode } from "./onnx.mjs";

versions("@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-wasm", "@jax-js/jax", "onnxruntime-web");
setWasmPaths(`${process.cwd()}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);
const exact = 1e6;
const addedOneByOne = 1087937;
const numbers = () => new Float32Array(1e7).fill(0.1);
const tfSum = () => tf.sum(tf.tensor1d(numbers())).dataSync()[0];
await tf.setBackend("cpu");
saw("tfjs, cpu: sum of ten million times 0.1", { guess: exact, got: tfSum(), holds: near(tfSum(), exact) });
await tf.setBackend("wasm");
saw("tfjs, wasm: the same", { guess: exact, got: tfSum(), holds: near(tfSum(), addedOneByOne) });
const norm = tf.norm(tf.fill([4e6], 0.1)).dataSync()[0];
saw("tfjs, wasm: norm of four million times 0.1", { guess: 200, got: norm, holds: !near(norm, 200, 1e-3) });
await init("wasm");
defaultDevice("wasm");
const jax = await np.sum(np.array(numbers())).jsAsync();
saw("jax-js, wasm: sum of ten million times 0.1", { guess: exact, got: jax, holds: near(jax, addedOneByOne) });
const [onnx] = await oneNode("ReduceSum", numbers());
saw("onnxruntime-web: ReduceSum of ten million times 0.1", { guess: exact, got: onnx, holds: near(onnx, addedOneByOne) });
JS
node run.mjs
