// Which of a run's parameters are shown as rows and lines: each layer's weights, and whatever got another rate than they did.
import type { LayerColumns, LayerSeries, SeriesParameter } from "@llr/train";
import { layersOf } from "./comparison.ts";

export interface LayerRow {
  /** The layer's name for its largest parameter, else the parameter's name. */
  readonly name: string;
  readonly layer: string;
  readonly parameter: SeriesParameter;
  readonly columns: LayerColumns;
}

/**
 * Whether a rule gave the parameter a rate in a step. Where a norm is 0 there is none to compute, and what the record holds is
 * the scheduled rate or the last one; a parameter without gradient, or with one that is no number, was left as it is.
 */
export const hasRate = ({ limitedBy, trust }: LayerColumns, i: number): boolean => limitedBy[i] !== "zeroNorm" && trust[i] !== 0;

/** The layers in the order of the model, each followed by those of its parameters that in some step got another rate. */
export function layerRows(series: LayerSeries): LayerRow[] {
  return layersOf(series).flatMap(({ layer, parameter, columns }) => {
    const others = series.parameters.filter((p) => p.layer === layer && p !== parameter).map((p): LayerRow => ({ name: p.name, layer, parameter: p, columns: series.columns.get(p.name)! }));
    return [{ name: layer, layer, parameter, columns }, ...others.filter((other) => differs(other.columns, columns))];
  });
}

/** Of all parameters, whether or not they differ. */
export const everyParameter = (series: LayerSeries): LayerRow[] =>
  series.parameters.map((parameter) => ({ name: parameter.name, layer: parameter.layer, parameter, columns: series.columns.get(parameter.name)! }));

function differs(a: LayerColumns, b: LayerColumns): boolean {
  return a.rate.some((rate, i) => !Object.is(rate, b.rate[i]) || hasRate(a, i) !== hasRate(b, i));
}
