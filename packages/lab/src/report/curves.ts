// What the arms did over the steps: loss, accuracy, schedules; and what each of an arm's layers got.
import type { ScaleOptions } from "@observablehq/plot";
import { divergenceDetector } from "@llr/train";
import { armStyle, chart, hasPoints, layerStyle, lineMarks, type LineStyle, type Series, tickLabel } from "./chart.ts";
import type { ArmRun, Comparison } from "./comparison.ts";
import { layersOf, thin } from "./comparison.ts";
import { escapeHtml } from "./html.ts";

/** Points of a line: more than a screen has pixels for are left out. */
const MOST_POINTS = 400;
const WIDTH = 470;
const HEIGHT = 300;

/** A picture, or the sentence that says why there is none. */
const draw = (series: readonly Series[], options: Omit<Parameters<typeof chart>[0], "marks">, { log = false, dots = false } = {}): string =>
  hasPoints(series, log) ? chart({ width: WIDTH, height: HEIGHT, grid: true, ...options, marks: lineMarks(series, { log, dots }) }) : `<p class="empty">${escapeHtml(options.label)}: nothing was recorded.</p>`;

const ofArms = (arms: readonly ArmRun[], points: (arm: ArmRun) => Series["points"]): Series[] => arms.map((arm, i) => ({ name: arm.label, style: armStyle(i), points: points(arm) }));

/** Decades that a rate's axis shows: the very end of a schedule, where it all but vanishes, runs along the lower edge. */
const RATE_DECADES = 4;
/** Arms differ more: AdamW's rate is a thousandth of LARS's. */
const SCHEDULE_DECADES = 6;

const steps = { label: "step", labelArrow: "none" } as const;

export function lossCurves({ arms }: Comparison): string {
  const series = ofArms(arms, ({ metrics }) => {
    const detector = divergenceDetector();
    const smoothed = metrics.map(({ step, loss }) => {
      detector.observe(loss);
      return { x: step, y: detector.smoothed };
    });
    return thin(smoothed.length, MOST_POINTS).map((i) => smoothed[i]);
  });
  return draw(series, { label: "Training loss of the arms", x: steps, y: { type: "log", label: "training loss, smoothed", tickFormat: tickLabel } }, { log: true });
}

/** The axis is stretched towards 100 %, where good arms differ: it is a log axis of the error. */
export function accuracyCurves({ arms, manifest }: Comparison): string {
  const smallest = 0.5 / manifest.config.testImages;
  const series = ofArms(arms, ({ tests }) => tests.map(({ step, test }) => ({ x: step, y: Math.max(smallest, 1 - test.accuracy) })));
  const errors = series.flatMap((s) => s.points.map((p) => p.y));
  const domain = [Math.max(...errors) * 1.1, Math.min(...errors) / 1.1];
  const ticks = [0.9, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001].filter((e) => e <= domain[0] && e >= domain[1]);
  return draw(series, { label: "Test accuracy of the arms", x: steps, y: { type: "log", domain, ticks, tickFormat: (error: number) => `${Number((100 * (1 - error)).toFixed(2))}`, label: "test accuracy, %", labelArrow: "none" } }, { log: true, dots: true });
}

export function scheduleCurves({ arms }: Comparison): string {
  const series = ofArms(arms, ({ metrics }) => thin(metrics.length, MOST_POINTS).map((i) => ({ x: metrics[i].step, y: metrics[i].lr })));
  return draw(series, { label: "The schedule's rate of each arm", x: steps, y: { ...logAxis(series, SCHEDULE_DECADES), label: "scheduled rate" } }, { log: true });
}

export function momentumCurves({ arms }: Comparison): string {
  const series = ofArms(arms, ({ metrics }) => thin(metrics.length, MOST_POINTS).map((i) => ({ x: metrics[i].step, y: metrics[i].momentum ?? NaN })));
  return draw(series, { label: "Momentum of each arm", x: steps, y: { label: "momentum (beta1 of AdamW)", zero: false } });
}

/** Quantities of a layer that are drawn as lines, with the words for the axis. */
export const LAYER_QUANTITIES = {
  rate: "rate", trust: "trust: rate / scheduled rate", ratio: "relative step ‖Δw‖ / ‖w‖",
} as const;
export type LayerQuantity = keyof typeof LAYER_QUANTITIES;

export function layerLines(arm: ArmRun, quantity: LayerQuantity): string {
  const layers = layersOf(arm.layers);
  const kept = thin(arm.layers.steps.length, MOST_POINTS);
  const series = layers.map(({ layer, columns }, l) => ({
    name: layer, style: layerStyle(l, layers.length),
    points: kept.map((i) => ({ x: arm.layers.steps[i], y: quantity === "ratio" ? columns.updateNorm[i] / columns.weightNorm[i] : columns[quantity][i] })),
  }));
  return draw(series, { label: `${arm.label}: ${LAYER_QUANTITIES[quantity]} of each layer`, width: 310, height: 220, marginLeft: 44, x: { ...steps, ticks: 4 }, y: { ...logAxis(series), label: LAYER_QUANTITIES[quantity], ticks: 5 } }, { log: true });
}

function logAxis(series: readonly Series[], decades = RATE_DECADES): ScaleOptions {
  const values = series.flatMap(({ points }) => points.map(({ y }) => y)).filter((y) => y > 0 && Number.isFinite(y));
  const largest = Math.max(...values);
  const smallest = Math.max(Math.min(...values), largest / 10 ** decades);
  // A trust of 1 throughout would otherwise get an axis from 1 to 1.
  return { type: "log", domain: smallest < largest ? [smallest, largest] : [smallest / 10, largest * 10], clamp: true, tickFormat: tickLabel };
}

/** Colours and dashes in words. */
export function legend(entries: readonly { readonly name: string; readonly style: LineStyle }[]): string {
  const sample = ({ stroke, strokeDasharray }: LineStyle): string => `<svg width="34" height="10" aria-hidden="true"><line x1="1" x2="33" y1="5" y2="5" stroke="${stroke}" stroke-width="2.5" stroke-dasharray="${strokeDasharray}"/></svg>`;
  return `<ul class="legend">${entries.map(({ name, style }) => `<li>${sample(style)} ${escapeHtml(name)}</li>`).join("")}</ul>`;
}

export const armLegend = ({ arms }: Comparison): string => legend(arms.map(({ label }, i) => ({ name: label, style: armStyle(i) })));
export const layerLegend = (layers: readonly string[]): string => legend(layers.map((name, i) => ({ name, style: layerStyle(i, layers.length) })));
