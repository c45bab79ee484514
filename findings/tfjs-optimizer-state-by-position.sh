#!/usr/bin/env bash
# TensorFlow.js: momentum and Adam keep their state by position in the list of gradients, so another list gets another weight's state.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-layers@4.22.0
cat > run.mjs <<'JS'
import { near, saw, versions } from "./finding.mjs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers"; // registers the gradients

versions("@tensorflow/tfjs-core");
await tf.setBackend("cpu");
let models = 0;
/** Two weights at 1. Both steps have no gradient for the second weight; the gradient of the first is 1, then 0. */
function secondWeight(optimizer, later) {
  const names = { a: `a${models}`, b: `b${models++}` };
  const [a, b] = [names.a, names.b].map((name) => tf.variable(tf.scalar(1), true, name));
  optimizer.applyGradients([{ name: names.a, tensor: tf.scalar(1) }, { name: names.b, tensor: tf.scalar(0) }]);
  optimizer.applyGradients(later(names));
  return { a: a.dataSync()[0], b: b.dataSync()[0] };
}
const zero = (name) => ({ name, tensor: tf.scalar(0) });
const [sameOrder, reversed, without] = [
  (names) => [zero(names.a), zero(names.b)], (names) => [zero(names.b), zero(names.a)], (names) => [zero(names.b)],
];
const momentum = () => tf.train.momentum(0.1, 0.9);
const same = secondWeight(momentum(), sameOrder).b;
saw("momentum, the same list again: the weight without gradients", { guess: 1, got: same, holds: same === 1 });
const turned = secondWeight(momentum(), reversed).b;
saw("momentum, the list in the other order", { guess: 1, got: turned, holds: near(turned, 0.91) });
const frozen = secondWeight(momentum(), without).b;
saw("momentum, the first weight left out (frozen)", { guess: 1, got: frozen, holds: near(frozen, 0.91) });
const adam = secondWeight(tf.train.adam(0.1), without).b;
saw("adam, the first weight left out", { guess: 1, got: adam, holds: near(adam, 0.933, 1e-3) });
// The same by minimize with a list of variables, as gradual unfreezing does it.
const [body, head] = ["body", "head"].map((name) => tf.variable(tf.scalar(1), true, name));
const optimizer = momentum();
optimizer.minimize(() => tf.square(body), false, [body, head].slice(0, 1));
optimizer.minimize(() => tf.mul(head, 0), false, [head]);
saw("minimize over [body], then over [head] with gradient 0: head", { guess: 1, got: head.dataSync()[0], holds: near(head.dataSync()[0], 1 - 0.1 * 0.9 * 2) });
JS
node run.mjs
