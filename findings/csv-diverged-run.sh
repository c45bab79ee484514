#!/usr/bin/env bash
# Papa Parse and csv-parse, asked for numbers, leave NaN and Infinity as text: a loss column changes its type where the run diverges.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm papaparse@5.7.1 csv-parse@7.0.3 d3-dsv@3.0.2
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import { parse } from "csv-parse/sync";
import { autoType, csvParse } from "d3-dsv";
import Papa from "papaparse";

versions("papaparse", "csv-parse", "d3-dsv");
const readers = {
  "papaparse, dynamicTyping": (text) => Papa.parse(text, { header: true, dynamicTyping: true, skipEmptyLines: true }).data,
  "csv-parse, cast": (text) => parse(text, { columns: true, cast: true }),
  "d3-dsv, autoType": (text) => csvParse(text, autoType),
};
for (const [name, read] of Object.entries(readers)) {
  const losses = read("loss,step\n2.5,0\nInfinity,1\nNaN,2\n").map((row) => row.loss);
  const asText = !name.startsWith("d3");
  saw(`${name}: types of 2.5, Infinity, NaN`, { guess: ["number", "number", "number"], got: losses.map((x) => typeof x), holds: typeof losses[0] === "number" && losses.slice(1).every((x) => typeof x === (asText ? "string" : "number")) });
  saw(`${name}: Number.isNaN finds the diverged step`, { guess: true, got: losses.some(Number.isNaN), holds: losses.some(Number.isNaN) !== asText });
  const key = read("key,step\n0x1f,0\n")[0].key;
  const known = { papaparse: "0x1f", "csv-parse": 0, "d3-dsv": 31 }[name.split(",")[0]];
  saw(`${name}: 0x1f`, { guess: "31, or left as text", got: key, holds: key === known });
}
JS
node run.mjs
