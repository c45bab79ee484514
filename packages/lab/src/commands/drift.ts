import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import * as Plot from "@observablehq/plot";
import { FileError } from "@llr/train/node";
import { DRIFT_RULES, driftOf, LARGEST_STABLE_RATE } from "../drift/drift.ts";
import { EXIT } from "../exit.ts";
import { atLeastZero, count, seed } from "../options.ts";
import { logAxis, stepAxis } from "../report/axes.ts";
import { chart } from "../report/chart.ts";
import { lineMarks, type Series, valuesOf } from "../report/lineChart.ts";
import { armStyle } from "../report/lineStyle.ts";
import { thin } from "../report/comparison.ts";
import { textTable } from "../textTable.ts";

interface DriftCommandOptions {
  readonly steps: number;
  readonly noise: number;
  readonly seed: number;
  readonly out?: string;
}

export function driftCommand(program: Command, exit: (code: number) => void): void {
  program
    .command("drift")
    .description("Show where MAD-LLR's rate goes on a noisy quadratic: the literal rule against the guarded one.")
    .option("--steps <n>", "steps", count, 2000)
    .option("--noise <deviation>", "standard deviation of the noise on every gradient", atLeastZero, 0.3)
    .option("--seed <n>", "seed of the noise, the same for every rule", seed, 1)
    .option("--out <file>", "also draw the rates, as SVG")
    .action((options: DriftCommandOptions) => {
      drift(options);
      exit(EXIT.ok);
    });
}

/** After how many steps the table shows a rate. */
const SHOWN = [10, 100, 500, 1000, 2000, 5000, 10_000];
const COLOURS = ["#0b6bcb", "#c2410c", "#15803d", "#a21caf", "#111111"];

function drift({ out, ...options }: DriftCommandOptions): void {
  const rules = DRIFT_RULES.map((rule) => ({ ...rule, rates: driftOf(rule, options) }));
  const shown = SHOWN.filter((n) => n <= options.steps);
  const lines = [["rule", ...shown.map(String)], ...rules.map(({ label, rates }) => [label, ...shown.map((n) => rates[n - 1].toExponential(1))])];
  console.log(textTable(lines).join("\n"));
  console.log(`the layer's rate after so many steps; above ${LARGEST_STABLE_RATE} it diverges`);
  if (out === undefined) return;
  const series = rules.map(({ label, rates }, i): Series => ({ name: label, style: { stroke: COLOURS[i], dash: armStyle(i).dash }, points: thin(rates.length, 300).map((at) => ({ x: at + 1, y: rates[at] })) }));
  const y = logAxis("rate of the layer", [...valuesOf(series), LARGEST_STABLE_RATE], { ticks: 8 });
  const svg = chart({
    label: "Rate of MAD-LLR through training, by rule", width: 800, height: HEIGHT, marginLeft: 60, marginRight: 250, style: { background: "white", color: "black" },
    x: { ...stepAxis(options.steps), grid: true, labelArrow: "none", labelAnchor: "center" }, y: { ...y, grid: true, labelArrow: "none" },
    marks: [
      Plot.ruleY([LARGEST_STABLE_RATE], { stroke: "#888" }),
      Plot.text([{ y: LARGEST_STABLE_RATE }], { y: "y", frameAnchor: "right", text: () => "largest stable rate", dy: -7, fill: "#666" }),
      ...lineMarks(series, { log: true }),
      Plot.text(namesAtTheEnds(series, y.domain), { x: "x", y: "y", text: "name", fill: "fill", textAnchor: "start", dx: 6 }),
    ],
  });
  try {
    writeFileSync(out, `${svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')}\n`); // in place: it may be /dev/stdout
  } catch (error) {
    throw new FileError(out, error);
  }
  console.log(`drawn to ${out}`);
}

const HEIGHT = 380;
/** Between two names, in units of the chart. */
const LINE_HEIGHT = 18;

/** The name of each line where it ends, or as far above as it takes to stand clear of the next one. */
function namesAtTheEnds(series: readonly Series[], [low, high]: readonly [number, number]): { x: number; y: number; name: string; fill: string }[] {
  const line = Math.log(high / low) * (LINE_HEIGHT / HEIGHT);
  let free = -Infinity;
  return series
    .map(({ name, style, points }) => ({ ...points.at(-1)!, name, fill: style.stroke }))
    .sort((a, b) => a.y - b.y)
    .map((one) => {
      free = Math.max(free + line, Math.log(one.y));
      return { ...one, y: Math.exp(free) };
    });
}
