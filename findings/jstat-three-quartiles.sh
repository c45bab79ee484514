#!/usr/bin/env bash
# jStat: percentile, quantiles and quartiles give three different first quartiles of the same numbers.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm jstat@1.9.6
cat > run.mjs <<'JS'
import { createRequire } from "node:module";
import { saw, versions } from "./finding.mjs";
const { jStat } = createRequire(import.meta.url)("jstat");

versions("jstat");
const x = [1, 2, 3, 4];
for (const [name, got, known] of [
  ["percentile(x, 0.25)", jStat.percentile(x, 0.25), 1.75],
  ["quantiles(x, [0.25])", jStat.quantiles(x, [0.25])[0], 1.4375],
  ["quartiles(x)[0]", jStat.quartiles(x)[0], 1],
]) {
  saw(`x = 1, 2, 3, 4: ${name}`, { guess: "1.75, as NumPy and R", got, holds: got === known });
}
const median = [jStat.median(x), jStat.quartiles(x)[1]];
saw("x = 1, 2, 3, 4: median(x), quartiles(x)[1]", { guess: [2.5, 2.5], got: median, holds: String(median) === "2.5,2" });
JS
node run.mjs
