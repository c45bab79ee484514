#!/usr/bin/env bash
# regression: coefficients are rounded to two decimals before they are returned and used, so a slope of 0.001 is 0.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm regression@2.0.1
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import regression from "regression";

versions("regression");
const falling = [[0, 0.5], [1, 0.499], [2, 0.498], [3, 0.497]]; // 0.5 - 0.001 x
const fit = regression.linear(falling);
saw("a line through 0.5 - 0.001 x: slope", { guess: -0.001, got: fit.equation[0], holds: fit.equation[0] === 0 });
saw("its prediction at 100", { guess: 0.4, got: fit.predict(100)[1], holds: fit.predict(100)[1] === 0.5 });
saw("its r2", { guess: 1, got: fit.r2, holds: fit.r2 < 0 });
const exact = regression.linear(falling, { precision: 12 }).equation[0];
saw("slope with precision 12", { guess: -0.001, got: exact, holds: exact === -0.001 });
JS
node run.mjs
