#!/usr/bin/env bash
# brain.js: under praxis "adam" the biases move by the moments of the step before; their first step is none.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm brain.js@1.6.1
cat > run.mjs <<'JS'
import { createRequire } from "node:module";
import { near, saw, versions } from "./finding.mjs";
const brain = createRequire(import.meta.url)("brain.js");

versions("brain.js");
/** A weight and a bias after each of `iterations` steps of Adam, always from the same start. */
function trained(learningRate, iterations) {
  let draws = 0;
  Math.random = () => (++draws * 0.618034) % 1;
  const net = new brain.NeuralNetwork({ hiddenLayers: [2], activation: "sigmoid" });
  const states = [];
  const callback = () => states.push({ bias: net.biases[2][0], weight: net.weights[2][0][0] });
  net.train([{ input: [0.5, 0.2], output: [0.95] }], { iterations, learningRate, errorThresh: 1e-9, praxis: "adam", callbackPeriod: 1, callback });
  return states;
}
const rate = 0.001;
const states = [trained(1e-12, 1)[0], ...trained(rate, 2)]; // at a rate of 1e-12 the start stays as it was
const step = (t, key) => (states[t][key] - states[t - 1][key]) / rate;
// The gradient keeps its sign, so Adam moves by the rate; three digits are what float32 leaves of a step of 0.001.
for (const t of [1, 2]) {
  saw(`step ${t} of a weight, in rates`, { guess: 1, got: step(t, "weight"), holds: near(step(t, "weight"), 1, 2e-3) });
  saw(`step ${t} of its bias, in rates`, { guess: 1, got: step(t, "bias"), holds: t === 1 ? step(1, "bias") === 0 : near(step(2, "bias"), 0.744, 5e-3) });
}
JS
node run.mjs
