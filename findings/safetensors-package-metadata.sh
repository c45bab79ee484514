#!/usr/bin/env bash
# The npm package safetensors cannot open a file with __metadata__ (PyTorch's have it), and hands out bytes without their type.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm safetensors@0.0.1
cat > run.mjs <<'JS'
import { readFileSync, writeFileSync } from "node:fs";
import { saw, versions } from "./finding.mjs";

versions("safetensors");
writeFileSync("safetensors.mjs", readFileSync("node_modules/safetensors/dist/safetensors.es.js")); // an ES module that its package.json calls CommonJS
const { SafeTensor } = await import("./safetensors.mjs");
/** A file with one tensor "w" of two float32. */
function file(extra) {
  const header = new TextEncoder().encode(JSON.stringify({ ...extra, w: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }));
  const bytes = new Uint8Array(8 + header.length + 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  bytes.set(new Uint8Array(Float32Array.of(1, 2).buffer), 8 + header.length);
  return bytes;
}
const outcome = (run) => {
  try {
    return run();
  } catch (error) {
    return error.name;
  }
};
const plain = outcome(() => new SafeTensor(file({})).getTensor("w"));
saw('tensor "w" of a file without metadata', { guess: "Float32Array 1, 2", got: `${plain.constructor.name} of ${plain.length} bytes`, holds: plain.length === 8 });
const named = outcome(() => new SafeTensor(file({ __metadata__: { format: "pt" } })).getTensor("w"));
saw('the same with __metadata__ {"format": "pt"}', { guess: "Float32Array 1, 2", got: named, holds: named === "TypeError" });
JS
node run.mjs
