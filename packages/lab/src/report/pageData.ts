// The numbers that the page carries: for its zoomable chart, and for the CSV files that can be saved from it.
import type { ArmRun, Comparison } from "./comparison.ts";
import { thin } from "./comparison.ts";
import { everyParameter, hasRate, type LayerRow, layerRows } from "./layerRows.ts";
import { armStyle, layerStyle, type LineStyle } from "./lineStyle.ts";
import { RUN_QUANTITIES, runSeries } from "./runSeries.ts";

/** Steps of each arm that the page holds at most. */
export const PAGE_STEPS = 500;

/** Quantities of a layer; the script derives trust, relative step and effective rate from the others. */
export const LAYER_QUANTITIES = {
  rate: "rate", trust: "trust: rate / scheduled rate", ratio: "relative step ‖Δw‖ / ‖w‖", effective: "effective rate ‖Δw‖ / ‖g‖", weightNorm: "‖w‖", gradNorm: "‖g‖", updateNorm: "‖Δw‖",
} as const;

type Numbers = readonly (number | null)[];

export interface ParameterData {
  readonly rate: Numbers;
  readonly weightNorm: Numbers;
  readonly gradNorm: Numbers;
  readonly updateNorm: Numbers;
  /** Indices of the steps in which the rule gave no rate. */
  readonly noRate: readonly number[];
}

export interface ArmData {
  readonly label: string;
  readonly style: LineStyle;
  readonly run: Readonly<Record<string, Numbers>>;
  readonly tests: Readonly<Record<string, Numbers>>;
  readonly steps: readonly number[];
  readonly seconds: Numbers;
  /** The scheduled rate. */
  readonly lr: Numbers;
  readonly parameters: Readonly<Record<string, ParameterData>>;
}

export interface PageData {
  readonly layerQuantities: typeof LAYER_QUANTITIES;
  readonly runQuantities: typeof RUN_QUANTITIES;
  /** Layers, and parameters that in some arm got another rate than their layer. */
  readonly rows: readonly { readonly name: string; readonly layer: string; readonly style: LineStyle }[];
  readonly arms: readonly ArmData[];
}

/** Six digits are more than a chart shows. */
const short = (x: number): number | null => (Number.isFinite(x) ? Number(x.toPrecision(6)) : null);

export function pageData({ arms }: Comparison): PageData {
  const drawn = arms.map((arm) => layerRows(arm.layers)).find((rows) => rows.length > 0) ?? [];
  const own = new Set(arms.flatMap((arm) => layerRows(arm.layers).map((row) => row.name)));
  const layers = [...new Set(drawn.map((row) => row.layer))];
  const longest = arms.reduce<ArmRun | null>((most, arm) => (most !== null && most.layers.parameters.length >= arm.layers.parameters.length ? most : arm), null);
  const rows = longest === null ? [] : rowsOf(longest, own);
  return {
    layerQuantities: LAYER_QUANTITIES, runQuantities: RUN_QUANTITIES,
    rows: rows.map(({ name, layer }) => ({ name, layer, style: layerStyle(layers.indexOf(layer), layers.length) })),
    arms: arms.map((arm, i) => armData(arm, i, own)),
  };
}

/** The arm's rows with the names asked for, in the order of the model, a layer before its parameters. */
function rowsOf({ layers }: ArmRun, names: ReadonlySet<string>): LayerRow[] {
  const own = layerRows(layers).filter((row) => row.name === row.layer);
  return own.flatMap((row) => [row, ...everyParameter(layers).filter((p) => p.layer === row.layer && p.name !== row.parameter.name && names.has(p.name))]);
}

function armData(arm: ArmRun, index: number, names: ReadonlySet<string>): ArmData {
  const run = runSeries(arm);
  const shown = thin(run.step.length, PAGE_STEPS);
  const { steps } = arm.layers;
  const kept = thin(steps.length, PAGE_STEPS);
  const rows = rowsOf(arm, names);
  const secondsAt = (step: number): number | null => short(arm.secondsAtStep[step - 1] ?? NaN);
  const numbers = ({ columns }: LayerRow): ParameterData => {
    const pick = (column: readonly number[]): Numbers => kept.map((i) => short(column[i]));
    return {
      rate: pick(columns.rate), weightNorm: pick(columns.weightNorm), gradNorm: pick(columns.gradNorm), updateNorm: pick(columns.updateNorm),
      noRate: kept.flatMap((i, at) => (hasRate(columns, i) ? [] : [at])),
    };
  };
  return {
    label: arm.label, style: armStyle(index),
    run: Object.fromEntries(Object.entries(run).map(([quantity, values]) => [quantity, shown.map((i) => short(values[i]))])),
    tests: { step: arm.tests.map((t) => t.step), seconds: arm.tests.map((t) => secondsAt(t.step)), accuracy: arm.tests.map((t) => short(t.test.accuracy)), loss: arm.tests.map((t) => short(t.test.loss)) },
    steps: kept.map((i) => steps[i]), seconds: kept.map((i) => secondsAt(steps[i])), lr: rows.length === 0 ? [] : kept.map((i) => short(rows[0].columns.lr[i])),
    parameters: Object.fromEntries(rows.map((row) => [row.name, numbers(row)])),
  };
}
