#!/usr/bin/env bash
# simple-statistics: the normal distribution function is a table of four digits that ends at 3.09; no p-value falls below 0.001.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm simple-statistics@7.12.1
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import { cumulativeStdNormalProbability as phi } from "simple-statistics";

versions("simple-statistics");
for (const [z, truth, known] of [[1.96, 0.9750021, 0.975], [1.004, 0.8423122, 0.8413], [-4, 3.167e-5, 0.001], [-8, 6.221e-16, 0.001], [8, 1, 0.999]]) {
  saw(`P(Z < ${z})`, { guess: truth, got: phi(z), holds: Math.abs(phi(z) - known) < 1e-9 });
}
JS
node run.mjs
