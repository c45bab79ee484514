#!/usr/bin/env bash
# js-pytorch: nn.ReLU is a leaky ReLU with slope 0.001, forward and backward.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm js-pytorch@0.7.2
cat > run.mjs <<'JS'
import { createRequire } from "node:module";
import { saw, versions } from "./finding.mjs";
const { torch } = createRequire(import.meta.url)("js-pytorch");

versions("js-pytorch");
const x = torch.tensor([[-1000, -1, 2]], true);
const y = new torch.nn.ReLU().forward(x);
y.backward();
saw("ReLU of -1000, -1, 2", { guess: [0, 0, 2], got: y.data[0], holds: String(y.data[0]) === "-1,-0.001,2" });
saw("its gradient", { guess: [0, 0, 1], got: x.grad[0], holds: String(x.grad[0]) === "0.001,0.001,1" });
JS
node run.mjs
