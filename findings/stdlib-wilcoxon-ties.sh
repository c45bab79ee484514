#!/usr/bin/env bash
# @stdlib's Wilcoxon test: with ties or a zero among the differences, exact: true is the normal approximation, and exact: false is exact without.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm @stdlib/stats-wilcoxon@0.2.3
cat > run.mjs <<'JS'
import { createRequire } from "node:module";
import { near, saw, versions } from "./finding.mjs";
const wilcoxon = createRequire(import.meta.url)("@stdlib/stats-wilcoxon");

versions("@stdlib/stats-wilcoxon");
/** All 2^n signs of the differences, ranked with ties in the middle: the share whose positive ranks' sum is as far from the centre. */
function enumerated(differences) {
  const sizes = differences.filter((d) => d !== 0).map(Math.abs);
  const ranks = sizes.map((a) => sizes.filter((b) => b < a).length + (sizes.filter((b) => b === a).length + 1) / 2);
  const centre = ranks.reduce((sum, r) => sum + r, 0) / 2;
  const far = (signs) => Math.abs(ranks.reduce((sum, r, i) => sum + ((signs >> i) & 1) * r, 0) - centre);
  const seen = far(differences.filter((d) => d !== 0).reduce((bits, d, i) => bits | (Number(d > 0) << i), 0));
  return Array.from({ length: 2 ** ranks.length }, (_, signs) => far(signs)).filter((f) => f >= seen - 1e-9).length / 2 ** ranks.length;
}
const p = (differences, options) => wilcoxon(differences, options).pValue;
for (const [differences, options, isExact] of [
  [[1, 2, 3, 4, 5, 6], { exact: true }, true],
  [[1, 2, 3, 4, 5, 6], { exact: false, correction: false }, true],
  [[1, 1, 2, 3, 4, 5], { exact: true }, false],
  [[1, 1, 1, 1, 1], { exact: true }, false],
  [[1, 1, 2, 3, 4, 5, 6, 7, 8, 9], { exact: true }, false],
]) {
  const exact = enumerated(differences);
  const got = p(differences, options);
  saw(`${differences.join(", ")} with ${JSON.stringify(options)}: p`, { guess: exact, got, holds: near(got, exact, 1e-9) === isExact });
}
JS
node run.mjs
