#!/usr/bin/env bash
# yaml (JavaScript) writes the rate 1e-7 in a form that PyYAML reads as text, and the names 1_000 and 12:30 so that it reads numbers.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm yaml@2.9.1 js-yaml@5.5.0
from_debian python3-yaml=6.0-3+b2
cat > run.mjs <<'JS'
import { execFileSync } from "node:child_process";
import { saw, versions } from "./finding.mjs";
import * as jsYaml from "js-yaml";
import { stringify } from "yaml";

versions("yaml", "js-yaml");
/** Python's types and values of what a document holds. */
const python = (document) =>
  execFileSync("/usr/bin/python3", ["-c", "import sys, yaml; print(*(f'{type(v).__name__} {v}' for v in yaml.safe_load(sys.stdin).values()), sep='\\n')"], {
    input: document, encoding: "utf8", env: { ...process.env, PYTHONPATH: "debian/usr/lib/python3/dist-packages" },
  }).trim().split("\n");
const pyYaml = execFileSync("/usr/bin/python3", ["-c", "import yaml; print(yaml.__version__, yaml.__file__)"], { encoding: "utf8", env: { ...process.env, PYTHONPATH: "debian/usr/lib/python3/dist-packages" } });
console.log(`PyYAML ${pyYaml.trim()}`);
const config = { lr: 1e-7, steps: 2e21, weightDecay: 0.0001, name: "1_000", time: "12:30" };
const good = ["float 1e-07", "float 2e+21", "float 0.0001", "str 1_000", "str 12:30"];
const [ofYaml, ofJsYaml] = [stringify(config), jsYaml.dump(config)].map(python);
const known = ["str 1e-7", "str 2e+21", "float 0.0001", "int 1000", "int 750"];
Object.keys(config).forEach((key, i) => {
  saw(`${key}: ${JSON.stringify(config[key])} from yaml's stringify into PyYAML`, { guess: good[i], got: ofYaml[i], holds: ofYaml[i] === known[i] });
  saw(`${key}: ${JSON.stringify(config[key])} from js-yaml's dump into PyYAML`, { guess: good[i], got: ofJsYaml[i], holds: ofJsYaml[i] === good[i] });
});
const old = python(stringify(config, { version: "1.1" }));
saw('from stringify(…, { version: "1.1" }): lr', { guess: "float 1e-07", got: old[0], holds: old[0] === "str 1e-7" });
JS
node run.mjs
