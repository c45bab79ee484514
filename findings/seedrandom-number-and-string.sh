#!/usr/bin/env bash
# seedrandom: seed 1 and seed "1" are different streams.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm seedrandom@3.0.5
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import seedrandom from "seedrandom";

versions("seedrandom");
const first = (make, seed) => make(seed)();
saw('first number of seed 1 and of seed "1"', { guess: "the same", got: [first(seedrandom, 1), first(seedrandom, "1")], holds: first(seedrandom, 1) !== first(seedrandom, "1") });
for (const name of ["alea", "xor128", "tychei"]) {
  const got = [first(seedrandom[name], 1), first(seedrandom[name], "1")];
  saw(`${name}: the same question`, { guess: "the same as above", got, holds: (got[0] === got[1]) === (name === "alea") });
}
JS
node run.mjs
