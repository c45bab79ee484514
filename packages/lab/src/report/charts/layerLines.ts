// What each of an arm's layers got, a line a layer.
import { logAxis, stepAxis } from "../axes.ts";
import type { ArmRun } from "../comparison.ts";
import { thin } from "../comparison.ts";
import { hasRate, type LayerRow, layerRows } from "../layerRows.ts";
import { lastOf, lineChart, type Picture, type Series, valuesOf } from "../lineChart.ts";
import { layerStyle } from "../lineStyle.ts";

const MOST_POINTS = 300;
/** Decades that an axis shows: the very end of a schedule, where it all but vanishes, runs along the lower edge. */
const DECADES = 4;

/** Quantities of a layer that are drawn as lines, with the words for the axis. */
export const LAYER_QUANTITIES = {
  rate: "rate", trust: "trust: rate / scheduled rate", ratio: "relative step ‖Δw‖ / ‖w‖",
} as const;
export type LayerQuantity = keyof typeof LAYER_QUANTITIES;

const VALUE: Readonly<Record<LayerQuantity, (row: LayerRow, i: number) => number>> = {
  rate: ({ columns }, i) => (hasRate(columns, i) ? columns.rate[i] : NaN),
  trust: ({ columns }, i) => (hasRate(columns, i) ? columns.trust[i] : NaN),
  ratio: ({ columns }, i) => columns.updateNorm[i] / columns.weightNorm[i],
};

/** Lines of the layers, or of those parameters that got another rate than their layer. */
export function layerLines(arm: ArmRun, quantity: LayerQuantity, of: "layers" | "others" = "layers"): Picture {
  const { steps } = arm.layers;
  const all = layerRows(arm.layers);
  const rows = all.filter((row) => (row.name === row.layer) === (of === "layers"));
  const layers = [...new Set(all.map((row) => row.layer))];
  const kept = thin(steps.length, MOST_POINTS);
  const series = rows.map((row): Series => ({
    name: row.name, style: layerStyle(layers.indexOf(row.layer), layers.length),
    points: kept.map((i) => ({ x: steps[i], y: VALUE[quantity](row, i) })),
  }));
  const label = `${arm.label}: ${LAYER_QUANTITIES[quantity]} of each ${of === "layers" ? "layer" : "parameter with another rate than its layer"}`;
  return lineChart({ label, series, x: stepAxis(lastOf(series), 4), y: logAxis(LAYER_QUANTITIES[quantity], valuesOf(series), { decades: DECADES, ticks: 5 }), size: "small" });
}
