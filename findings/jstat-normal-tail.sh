#!/usr/bin/env bash
# jStat: the normal lower tail is 1 minus something, so ztest says p = 0 from 8.3 standard deviations on; Student's t is good far out.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm jstat@1.9.6
cat > run.mjs <<'JS'
import { createRequire } from "node:module";
import { saw, versions } from "./finding.mjs";
const { jStat } = createRequire(import.meta.url)("jstat");

versions("jstat");
const relative = (got, truth) => Math.abs(got / truth - 1);
const cdf = (z) => jStat.normal.cdf(z, 0, 1);
saw("normal.cdf(-5)", { guess: 2.8665157187919333e-7, got: cdf(-5), holds: relative(cdf(-5), 2.8665157187919333e-7) < 1e-8 });
saw("normal.cdf(-8)", { guess: 6.220960574271784e-16, got: cdf(-8), holds: relative(cdf(-8), 6.220960574271784e-16) > 0.01 });
saw("normal.cdf(-10)", { guess: 7.619853024160527e-24, got: cdf(-10), holds: cdf(-10) === 0 });
saw("ztest(9)", { guess: 2.257176811907681e-19, got: jStat.ztest(9), holds: jStat.ztest(9) === 0 });
// Two degrees of freedom have a closed form: (1 - t / sqrt(2 + t²)) / 2, far out 1 / (2 t²).
const t = jStat.studentt.cdf(-1e6, 2);
saw("studentt.cdf(-1e6, 2)", { guess: 5e-13, got: t, holds: relative(t, 5e-13) < 1e-4 });
JS
node run.mjs
