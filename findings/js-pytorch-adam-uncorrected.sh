#!/usr/bin/env bash
# js-pytorch: Adam has no bias correction (and beta2 0.99 by default), so its first steps are up to 6.6 times the rate.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm js-pytorch@0.7.2
cat > run.mjs <<'JS'
import { createRequire } from "node:module";
import { near, saw, versions } from "./finding.mjs";
const { torch } = createRequire(import.meta.url)("js-pytorch");

versions("js-pytorch");
const rate = 0.001;
/** The sizes of the steps, in rates, under a gradient that stays 3. */
function steps(count, ...options) {
  const weight = torch.tensor([[1]], true);
  const adam = new torch.optim.Adam([weight], rate, 0, ...options);
  return Array.from({ length: count }, () => {
    const before = weight.data[0][0];
    weight.mul(torch.tensor([[3]])).backward();
    adam.step();
    adam.zero_grad();
    return (before - weight.data[0][0]) / rate;
  });
}
// With bias correction every step under a constant gradient is the rate. Without: (1 - b1^t) / sqrt(1 - b2^t).
const uncorrected = (t, b1, b2) => (1 - b1 ** t) / Math.sqrt(1 - b2 ** t);
const usual = steps(20, [0.9, 0.999]);
for (const t of [1, 5, 12, 20]) saw(`betas 0.9, 0.999: step ${t} in rates`, { guess: 1, got: usual[t - 1], holds: near(usual[t - 1], uncorrected(t, 0.9, 0.999)) });
const defaults = steps(10);
saw("default betas: step 10 in rates", { guess: 1, got: defaults[9], holds: near(defaults[9], uncorrected(10, 0.9, 0.99)) });
JS
node run.mjs
