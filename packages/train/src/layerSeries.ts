// What every layer got in every step, column by column: the data behind "look at the rate of each layer" (thread, #27).
import type { StepRecord } from "@llr/optim";
import { jsonLine } from "./jsonLines.ts";

/** The quantities of an optimizer's record that are kept for each parameter and step. */
export const LAYER_COLUMNS = ["lr", "trust", "rate", "weightNorm", "gradNorm", "updateNorm", "limitedBy"] as const;
/** In the first line of the log: how the others are made up. */
export const LAYER_FORMAT = 1;
export type LayerColumn = (typeof LAYER_COLUMNS)[number];

export interface SeriesParameter {
  readonly name: string;
  readonly layer: string;
  readonly shape: readonly number[];
}

/** Columns of one parameter: one entry a step. */
export type LayerColumns = { readonly [C in LayerColumn]: StepRecord[C][] };

export interface LayerSeries {
  readonly parameters: readonly SeriesParameter[];
  readonly steps: readonly number[];
  readonly columns: ReadonlyMap<string, LayerColumns>;
}

export interface LayerSeriesWriter {
  add(step: number, records: readonly StepRecord[]): void;
  /** Writes what is left. */
  flush(): void;
}

/**
 * Writes layer series as JSON lines: a header, then chunks of steps in which each parameter has a list for each column. A
 * chunk is one line, so that a crash loses at most the last one.
 *
 * @param write takes one whole line
 * @param options chunk: steps a line. Default 50
 */
export function layerSeriesWriter(parameters: readonly SeriesParameter[], write: (line: string) => void, { chunk = 50 }: { readonly chunk?: number } = {}): LayerSeriesWriter {
  write(jsonLine({ format: LAYER_FORMAT, columns: LAYER_COLUMNS, parameters: parameters.map(({ name, layer, shape }) => ({ name, layer, shape })) }));
  let steps: number[] = [];
  let columns: Record<string, LayerColumns> = {};

  const flush = (): void => {
    if (steps.length === 0) return;
    write(jsonLine({ steps, parameters: columns }));
    steps = [];
    columns = {};
  };
  return {
    add(step, records) {
      steps.push(step);
      for (const record of records) {
        const own = (columns[record.name] ??= emptyColumns());
        for (const column of LAYER_COLUMNS) (own[column] as unknown[]).push(record[column]);
      }
      if (steps.length === chunk) flush();
    },
    flush,
  };
}

export const emptyColumns = (): LayerColumns => ({ lr: [], trust: [], rate: [], weightNorm: [], gradNorm: [], updateNorm: [], limitedBy: [] });
