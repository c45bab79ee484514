// What every layer got in every step, column by column: the data behind "look at the rate of each layer" (thread, #27).
import type { StepRecord } from "@llr/optim";
import { jsonLine, readJsonLines } from "./jsonLines.ts";

/** The quantities of an optimizer's record that are kept for each parameter and step. */
export const LAYER_COLUMNS = ["lr", "trust", "rate", "weightNorm", "gradNorm", "updateNorm", "limitedBy"] as const;
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
  write(jsonLine({ format: 1, columns: LAYER_COLUMNS, parameters: parameters.map(({ name, layer, shape }) => ({ name, layer, shape })) }));
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

const emptyColumns = (): LayerColumns => ({ lr: [], trust: [], rate: [], weightNorm: [], gradNorm: [], updateNorm: [], limitedBy: [] });

/**
 * Reads what {@link layerSeriesWriter} wrote. A last line that was cut by a crash is left out.
 *
 * @throws SyntaxError if another line is no JSON
 * @example
 * import { layerSeriesWriter, readLayerSeries } from "@llr/train";
 * import { sgd } from "@llr/optim";
 * const w = { name: "fc.weight", layer: "fc", shape: [2], data: Float64Array.of(3, 4), grad: Float64Array.of(1, 0) };
 * const optimizer = sgd([w], { lr: (t) => 0.1 / (t + 1) });
 * let text = "";
 * const writer = layerSeriesWriter([w], (line) => { text += line; });
 * for (let step = 1; step <= 2; step++) writer.add(step, optimizer.step());
 * writer.flush();
 * readLayerSeries(text).columns.get("fc.weight").rate // => [0.1, 0.05]
 */
export function readLayerSeries(text: string): LayerSeries {
  const [header, ...chunks] = readJsonLines(text) as Record<string, unknown>[];
  const parameters = (header?.["parameters"] ?? []) as readonly SeriesParameter[];
  const columns = new Map(parameters.map(({ name }) => [name, emptyColumns()]));
  const steps: number[] = [];
  for (const chunk of chunks as unknown as readonly { readonly steps: readonly number[]; readonly parameters: Readonly<Record<string, LayerColumns>> }[]) {
    steps.push(...chunk.steps);
    for (const [name, own] of columns) for (const column of LAYER_COLUMNS) (own[column] as unknown[]).push(...chunk.parameters[name][column]);
  }
  return { parameters, steps, columns };
}
