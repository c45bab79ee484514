#!/usr/bin/env bash
# d3-array and Observable Plot: mean, median, max and deviation skip NaN, so the mean over seeds is the mean over those that did not diverge.
source "$(dirname "${BASH_SOURCE[0]}")/lib/temp-folder.sh"
from_npm d3-array@3.2.5 @observablehq/plot@0.6.17 linkedom@0.18.15
cat > run.mjs <<'JS'
import { saw, versions } from "./finding.mjs";
import { deviation, max, mean, median, sum } from "d3-array";
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

versions("d3-array", "@observablehq/plot");
const losses = [1, NaN, 3];
for (const [name, f, known] of [["mean", mean, 2], ["median", median, 2], ["max", max, 3], ["sum", sum, 4], ["deviation", deviation, Math.SQRT2]]) {
  saw(`${name} of 1, NaN, 3`, { guess: NaN, got: f(losses), holds: f(losses) === known });
}
const { document } = parseHTML("<html><body></body></html>");
const runs = [...losses.map((loss) => ({ arm: "diverged once", loss })), ...[2, 2, 2].map((loss) => ({ arm: "never", loss }))];
const plot = Plot.plot({ document, marks: [Plot.dot(runs, Plot.groupX({ y: "mean" }, { x: "arm", y: "loss" }))] });
const heights = [...plot.querySelectorAll("circle")].map((dot) => dot.getAttribute("cy"));
saw("Plot.groupX by mean: heights of an arm with a NaN and of one at 2", { guess: "no dot for the first", got: heights, holds: heights.length === 2 && heights[0] === heights[1] });
JS
node run.mjs
