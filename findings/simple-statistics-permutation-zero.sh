#!/usr/bin/env bash
# simple-statistics: permutationTest counts random shuffles only, so its p-value can be 0, which no permutation test has.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm simple-statistics@7.12.1
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import { permutationTest } from "simple-statistics";

versions("simple-statistics");
let state = 1;
const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
const a = Array.from({ length: 10 }, (_, i) => i);
const b = a.map((x) => x + 100);
// The data as they are and their mirror are 2 of C(20, 10) = 184,756 divisions: 0.0000108. The usual estimate is (1 + hits) / (1 + shuffles).
const got = permutationTest(a, b, "two_side", 10000, random);
saw("two groups of 10 that do not overlap: p-value", { guess: "at least 0.0000108", got, holds: got === 0 });
const small = permutationTest([1, 2, 3], [101, 102, 103], "two_side", 10000, random);
saw("two groups of 3: p-value, exactly 2 / 20 = 0.1", { guess: 0.1, got: small, holds: small !== 0.1 && Math.abs(small - 0.1) < 0.02 });
JS
node run.mjs
