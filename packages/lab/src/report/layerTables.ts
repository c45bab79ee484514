// What the layers' rates say in numbers: how they stand to each other in the course of training, and what limited them.
import type { ArmRun } from "./comparison.ts";
import { tickLabel } from "./axes.ts";
import { everyParameter, hasRate, type LayerRow, layerRows } from "./layerRows.ts";

/** Parts of the training at which layers are compared. */
export const MOMENTS: readonly number[] = [0.05, 0.5, 0.95];
/** Each with the steps around it, since a single step of an adaptive rate is noise. */
const WINDOW = 0.05;

export interface RelativeRates {
  readonly arm: string;
  /** Layer -> its rate over the geometric mean of all layers' rates, at each of the moments; NaN where a rate is 0. */
  readonly ratios: ReadonlyMap<string, readonly number[]>;
  /** Parameter with another rate than its layer -> its rate over that of its layer, at each of the moments. */
  readonly others: ReadonlyMap<string, readonly number[]>;
}

/** Median over the steps within 5 % of training around each moment; NaN where there was no rate in any of them. */
function mediansOf({ columns }: LayerRow, count: number): number[] {
  return MOMENTS.map((moment) => {
    const [from, to] = [Math.floor((moment - WINDOW) * count), Math.ceil((moment + WINDOW) * count)];
    return median(columns.rate.slice(from, to).filter((_, i) => hasRate(columns, from + i)));
  });
}

/** The thread's question in numbers (#1, #27): do first layers get more than last ones, and does that change? */
export function relativeRates(arm: ArmRun): RelativeRates {
  const rows = layerRows(arm.layers);
  const medians = new Map(rows.map((row) => [row.name, mediansOf(row, arm.layers.steps.length)]));
  const layers = rows.filter((row) => row.name === row.layer).map((row) => row.name);
  const means = MOMENTS.map((_, m) => Math.exp(layers.reduce((total, layer) => total + Math.log(medians.get(layer)![m]), 0) / layers.length));
  const others = rows.filter((row) => row.name !== row.layer);
  return {
    arm: arm.label,
    ratios: new Map(layers.map((layer) => [layer, MOMENTS.map((_, m) => medians.get(layer)![m] / means[m])])),
    others: new Map(others.map((row) => [row.name, MOMENTS.map((_, m) => medians.get(row.name)![m] / medians.get(row.layer)![m])])),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : sorted[sorted.length >> 1];
}

/** "1.3 → 1.9 → 3.4", and "1" for what stays the same. */
export function course(numbers: readonly number[]): string {
  const words = numbers.map((x) => (Number.isFinite(x) ? tickLabel(Number(x.toPrecision(2))) : "–"));
  return new Set(words).size === 1 ? words[0] : words.join(" → ");
}

export interface LimitShare {
  /** A layer, or a parameter with another rate. */
  readonly name: string;
  /** Reason -> share of the steps, 0 to 1. */
  readonly shares: ReadonlyMap<string, number>;
}

/** How often a layer did not get the rate that its rule asked for, and why; empty for arms whose rule was never limited. */
export function limitShares(arm: ArmRun): LimitShare[] {
  const shares = layerRows(arm.layers).map(({ name, columns }) => ({ name, shares: sharesOf(columns.limitedBy) }));
  return shares.some((s) => s.shares.size > 0) ? shares : [];
}

function sharesOf(limitedBy: LayerRow["columns"]["limitedBy"]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const reason of limitedBy) if (reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return new Map([...counts].map(([reason, n]) => [reason, n / limitedBy.length]));
}

export const PARAMETER_HEADINGS: readonly string[] = ["parameter", "shape", "rate, median", "largest", "relative step, median", "largest", "no rate"];

/** A line for every parameter of an arm, whether or not it is drawn. */
export function parameterRows(arm: ArmRun): string[][] {
  return everyParameter(arm.layers).map(({ name, parameter, columns }) => {
    const steps = columns.rate.map((_, i) => i);
    const rates = steps.filter((i) => hasRate(columns, i)).map((i) => columns.rate[i]);
    const ratios = steps.map((i) => columns.updateNorm[i] / columns.weightNorm[i]).filter(Number.isFinite);
    const share = steps.length === 0 ? 0 : 1 - rates.length / steps.length;
    return [name, parameter.shape.join(" × "), number(median(rates)), number(largest(rates)), number(median(ratios)), number(largest(ratios)), share === 0 ? "–" : `${(100 * share).toFixed(1)} %`];
  });
}

const number = (x: number): string => (Number.isFinite(x) ? tickLabel(x) : "–");
const largest = (values: readonly number[]): number => values.reduce((most, x) => Math.max(most, x), -Infinity);
