#!/usr/bin/env bash
# ConvNetJS from npm: method "adam" or "nesterov" (or any name) trains by SGD with momentum, without a word.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm convnetjs@0.3.0
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import convnetjs from "convnetjs";

versions("convnetjs");
function weightAfter(method) {
  const net = new convnetjs.Net();
  net.makeLayers([{ type: "input", out_sx: 1, out_sy: 1, out_depth: 1 }, { type: "regression", num_neurons: 1 }]);
  const weights = net.layers[1].filters[0].w;
  weights[0] = 1;
  const trainer = new convnetjs.Trainer(net, { method, learning_rate: 0.001, momentum: 0.9, batch_size: 1, l2_decay: 0 });
  for (let step = 0; step < 4; step++) trainer.train(new convnetjs.Vol([1]), [0]);
  return weights[0];
}
const sgd = weightAfter("sgd");
// Adam moves by the rate a step while the gradient keeps its sign: 1 - 4 x 0.001, nearly.
saw("4 steps of adam at rate 0.001 from 1", { guess: 0.996, got: weightAfter("adam"), holds: weightAfter("adam") === sgd });
saw("4 steps of nesterov", { guess: "not what sgd gives", got: weightAfter("nesterov"), holds: weightAfter("nesterov") === sgd });
saw('method "no such method"', { guess: "an error", got: weightAfter("no such method"), holds: weightAfter("no such method") === sgd });
saw("adagrad, which it does have", { guess: "not what sgd gives", got: weightAfter("adagrad"), holds: weightAfter("adagrad") !== sgd });
JS
node run.mjs
