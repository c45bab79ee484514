// Each layer's rate through training as colour: a row a layer, a column a step, and the same colours for every arm.
import * as Plot from "@observablehq/plot";
import { chart, tickLabel } from "./chart.ts";
import type { ArmRun, Comparison } from "./comparison.ts";
import { layersOf, stride, thin } from "./comparison.ts";

/** Steps of an arm that are drawn, at most. */
export const MAP_COLUMNS = 120;
/** Rates below the largest by more than this factor share the darkest colour, so that the others can be told apart. */
const SPAN = 1e5;

export interface Cell {
  readonly arm: string;
  readonly layer: string;
  /** The step whose rate is drawn, and the step at which the next one's begins. */
  readonly step: number;
  readonly until: number;
  /** As recorded: cells are picked from the steps, not averaged over them. */
  readonly rate: number;
}

export const cellsOf = (arm: ArmRun): Cell[] => {
  const { steps } = arm.layers;
  const kept = thin(steps.length, MAP_COLUMNS);
  const wide = stride(steps.length, MAP_COLUMNS);
  return layersOf(arm.layers).flatMap(({ layer, columns }) =>
    kept.map((i, column) => ({ arm: arm.label, layer, step: steps[i], until: column + 1 < kept.length ? steps[kept[column + 1]] : steps[i] + wide, rate: columns.rate[i] })));
};

const CHARACTERS = 14;

/** Maps of all arms below one another, with a scale of their common colours. */
export function heatMaps({ arms }: Comparison): string {
  const cells = arms.flatMap(cellsOf);
  const rates = cells.map((c) => c.rate).filter((rate) => rate > 0 && Number.isFinite(rate));
  if (rates.length === 0) return `<p class="empty">No layer's rate was recorded.</p>`;
  const largest = Math.max(...rates);
  const smallest = Math.max(Math.min(...rates), largest / SPAN);
  const color = { type: "log", scheme: "viridis", domain: [smallest, largest > smallest ? largest : 10 * smallest], clamp: true } as const;
  const layers = [...new Set(cells.map((c) => c.layer))];
  const drawn = arms.filter((arm) => arm.layers.steps.length > 0).map((arm) => arm.label);
  const rowHeight = 16;
  const map = chart({
    label: `Rate of each layer through training, one map for each of ${drawn.join(", ")}`,
    width: 960, height: 60 + drawn.length * (layers.length * rowHeight + 26), marginLeft: 6 * CHARACTERS, marginTop: 30, marginBottom: 30,
    x: { label: "step", labelArrow: "none" }, y: { domain: layers, label: null, tickSize: 0 }, fy: { domain: drawn, axis: null, padding: 0.2 }, color,
    marks: [
      Plot.text(drawn, { fy: (d: string) => d, text: (d: string) => d, frameAnchor: "top-left", dy: -13, fontWeight: "bold", fontSize: 12 }),
      Plot.barX(cells, { x1: "step", x2: "until", y: "layer", fy: "arm", fill: (c: Cell) => (c.rate > 0 && Number.isFinite(c.rate) ? c.rate : NaN), insetTop: 0.5, insetBottom: 0.5, shapeRendering: "crispEdges", title: cellTitle }),
    ],
  });
  return scale(color) + map;
}

/** What the pointer and a test read of a cell: the recorded rate to its last digit. */
export const cellTitle = ({ layer, step, rate }: Cell): string => `${layer}, step ${step}: ${rate}`;

/** The colours with their rates. */
function scale(color: { readonly domain: readonly number[] } & Plot.ScaleOptions): string {
  const [low, high] = color.domain.map(Math.log10);
  const pieces = 100;
  const at = (i: number): number => 10 ** (low + ((high - low) * i) / pieces);
  return chart({
    label: "Colours of the rates", width: 360, height: 52, marginLeft: 8, marginTop: 18, marginBottom: 20,
    x: { type: "log", label: "rate of a layer", labelArrow: "none", labelAnchor: "left", tickFormat: tickLabel, ticks: 5, labelOffset: -18 }, color,
    marks: [Plot.rectX(Array.from({ length: pieces }, (_, i) => i), { x1: at, x2: (i: number) => at(i + 1), fill: (i: number) => at(i + 0.5), shapeRendering: "crispEdges" })],
  });
}
