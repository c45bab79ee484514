// Each layer's rate through training as colour: a row a layer, a column a step, and the same colours for every arm.
import * as Plot from "@observablehq/plot";
import { linearTicks, logTicks, stepAxis, tickLabel } from "../axes.ts";
import { chart } from "../chart.ts";
import type { ArmRun } from "../comparison.ts";
import { stride, thin } from "../comparison.ts";
import { hasRate, type LayerRow, layerRows } from "../layerRows.ts";

/** Steps of an arm that are drawn, at most. */
export const MAP_COLUMNS = 110;
/** Rates below the largest by more than this factor share the darkest colour, so that the others can be told apart. */
const SPAN = 1e5;

export interface Cell {
  /** Name of the row: a layer, or a parameter with another rate than its layer. */
  readonly row: string;
  /** The step whose rate is drawn, and the step at which the next one's begins. */
  readonly step: number;
  readonly until: number;
  /** As recorded: cells are picked from the steps, not averaged over them. */
  readonly rate: number;
  /** Why the rule gave no rate in this step; null if it did. */
  readonly without: string | null;
}

export function cellsOf(arm: ArmRun): Cell[] {
  const { steps } = arm.layers;
  const kept = thin(steps.length, MAP_COLUMNS);
  const wide = stride(steps.length, MAP_COLUMNS);
  const cell = ({ name, columns }: LayerRow, i: number, column: number): Cell => ({
    row: name, step: steps[i], until: column + 1 < kept.length ? steps[kept[column + 1]] : steps[i] + wide,
    rate: columns.rate[i], without: hasRate(columns, i) ? null : (columns.limitedBy[i] ?? "skipped"),
  });
  return layerRows(arm.layers).flatMap((row) => kept.map((i, column) => cell(row, i, column)));
}

/** Rates from and to which colours run, the same for all maps; null where no arm has a rate. */
export type Colours = readonly [number, number] | null;

export function coloursOf(arms: readonly ArmRun[]): Colours {
  const rates = arms.flatMap(cellsOf).filter((cell) => isColoured(cell) && cell.rate > 0).map((cell) => cell.rate);
  if (rates.length === 0) return null;
  const [least, most] = rates.reduce(([low, high], rate) => [Math.min(low, rate), Math.max(high, rate)], [Infinity, 0]);
  return [Math.max(least, most / SPAN), most > Math.max(least, most / SPAN) ? most : 10 * most];
}

const isColoured = ({ rate, without }: Cell): boolean => without === null && Number.isFinite(rate);

const ROW_HEIGHT = 19;
/** Of a row's label, in units of the SVG, at the size of a narrow screen. */
const CHARACTER = 8.6;
const LONGEST_LABEL = 18;

/** Room for the longest label of any arm's rows, so that the columns of all maps stand below one another. */
export const labelRoom = (arms: readonly ArmRun[]): number => 14 + CHARACTER * Math.max(...arms.flatMap((arm) => layerRows(arm.layers).map((row) => rowLabel(row).length)));

/** The map of one arm. */
export function heatMap(arm: ArmRun, colours: NonNullable<Colours>, marginLeft: number): string {
  const cells = cellsOf(arm);
  const rows = layerRows(arm.layers);
  const labels = new Map(rows.map((row) => [row.name, rowLabel(row)]));
  const [first, last] = [arm.layers.steps[0], cells.at(-1)!.until];
  const pattern = `no-rate-${arm.name.replaceAll(/[^\w-]/g, "_")}`;
  // Each cell reaches a little below the next one, which is drawn over it: rounded to pixels, some would leave a gap.
  const bar = { x1: "step", x2: "until", y: "row", insetTop: 0.5, insetBottom: 0.5, insetRight: -0.5, shapeRendering: "crispEdges", title: cellTitle } as const;
  const color = { type: "log", scheme: "viridis", domain: [...colours], clamp: true } as const;
  return chart({
    label: `${arm.label}: rate of each layer through training`, definitions: hatching(pattern),
    width: 500, height: 44 + rows.length * ROW_HEIGHT, marginTop: 2, marginBottom: 42, marginRight: 24, marginLeft,
    x: { ...stepAxis(last), domain: [first, last], ticks: linearTicks(first, last, 6, 1), labelArrow: "none", labelOffset: 38 },
    y: { domain: rows.map((row) => row.name), tickFormat: (name: string) => labels.get(name)!, label: null, tickSize: 0 }, color,
    marks: [
      Plot.barX(cells.filter(isColoured), { ...bar, fill: (c: Cell) => Math.max(c.rate, colours[0]) }),
      Plot.barX(cells.filter((c) => !isColoured(c)), { ...bar, fill: `url(#${pattern})` }),
    ],
  });
}

/** "conv1", and indented below it "bias". */
function rowLabel({ name, layer }: LayerRow): string {
  const own = name === layer ? name : `· ${name.startsWith(`${layer}.`) ? name.slice(layer.length + 1) : name}`;
  return own.length <= LONGEST_LABEL ? own : `…${own.slice(1 - LONGEST_LABEL)}`;
}

/** A fill that the colours do not contain, and that is told from them without colour, too. */
const hatching = (id: string): string =>
  `<defs><pattern id="${id}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" fill="var(--no-rate)"/><rect width="1.6" height="5" fill="var(--no-rate-line)"/></pattern></defs>`;

/** What the pointer and a test read of a cell: the recorded rate to its last digit. */
export const cellTitle = ({ row, step, rate, without }: Cell): string => `${row}, step ${step}: ${without === null ? rate : `no rate (${without}); the record says ${rate}`}`;

/** The colours with their rates. */
export function colourScale([low, high]: NonNullable<Colours>): string {
  const pieces = 100;
  const at = (i: number): number => low * (high / low) ** (i / pieces);
  return chart({
    label: `Colours of the rates, from ${tickLabel(low)}, dark, to ${tickLabel(high)}, light`, width: 340, height: 44, marginLeft: 18, marginRight: 24, marginTop: 2, marginBottom: 26,
    x: { type: "log", label: null, domain: [low, high], tickFormat: tickLabel, ticks: logTicks(low, high, 6) },
    color: { type: "log", scheme: "viridis", domain: [low, high], clamp: true },
    marks: [Plot.rectX(Array.from({ length: pieces }, (_, i) => i), { x1: at, x2: (i: number) => at(i + 1), fill: (i: number) => at(i + 0.5), shapeRendering: "crispEdges" })],
  });
}

/** A sample of the fill for steps without a rate. */
export const noRateSample = (): string => `<svg class="sample" width="34" height="14" aria-hidden="true">${hatching("no-rate-sample")}<rect width="34" height="14" fill="url(#no-rate-sample)"/></svg>`;
