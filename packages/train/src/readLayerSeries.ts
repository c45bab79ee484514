// Reads layers.jsonl back. Millions of numbers are checked by hand-written loops here, which costs less than their JSON.
import type { Limit } from "@llr/optim";
import { logLines, numberIn } from "./jsonLines.ts";
import { emptyColumns, LAYER_COLUMNS, LAYER_FORMAT, type LayerColumn, type LayerColumns, type LayerSeries, type SeriesParameter } from "./layerSeries.ts";
import { LogError, quoteValue } from "./logError.ts";
import { parseJson } from "./parseJson.ts";

/** A Record, so that a new limit has to be named here, too. */
const LIMITS: Readonly<Record<Limit, true>> = { schedule: true, floor: true, growth: true, warmup: true, zeroNorm: true };

/**
 * Reads what `layerSeriesWriter` wrote. A last line without its end was cut by a crash and is left out; `logLines` tells.
 *
 * @throws LogError, with line and key, if anything else is not as it was written: another format, a column that is shorter
 *   than its steps or not of numbers, a parameter that is missing, a step that stands twice
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
 * readLayerSeries(text.replace("[1,2]", "[1,1]")) // throws line 2: steps[1] is 1, after step 1. Steps rise.
 */
export function readLayerSeries(text: string): LayerSeries {
  const [header, ...chunks] = logLines(text).lines;
  if (header === undefined) return { parameters: [], steps: [], columns: new Map() };
  const parameters = readHeader(parseJson(header, { line: 1 }));
  const columns = new Map(parameters.map(({ name }) => [name, emptyColumns()]));
  const steps: number[] = [];
  chunks.forEach((line, i) => readChunk(parseJson(line, { line: i + 2 }), i + 2, steps, columns));
  return { parameters, steps, columns };
}

function fail(line: number, key: string, problem: string): never {
  throw new LogError(`line ${line}: ${key}${problem}`, { line, key });
}

function objectIn(value: unknown, line: number, key: string, keys: readonly string[]): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(line, key, ` is ${quoteValue(value)}. It needs an object with ${keys.join(", ")}.`);
  const unknown = Object.keys(value).find((name) => !keys.includes(name));
  if (unknown !== undefined) fail(line, key, ` has the unknown key ${quoteValue(unknown)}. It needs ${keys.join(", ")}.`);
  const missing = keys.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) fail(line, key, ` lacks ${quoteValue(missing)}. It needs ${keys.join(", ")}.`);
  return value as Record<string, unknown>;
}

function listIn(value: unknown, line: number, key: string): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : fail(line, key, ` is ${quoteValue(value)}. It needs a list.`);
}

function readHeader(value: unknown): SeriesParameter[] {
  // Before the keys: those of another format may be others.
  const format: unknown = typeof value === "object" && value !== null && "format" in value ? value.format : undefined;
  if (format !== undefined && format !== LAYER_FORMAT) fail(1, "format", ` is ${quoteValue(format)}, this version reads ${LAYER_FORMAT}. Use the version that wrote it.`);
  const header = objectIn(value, 1, "the header", ["format", "columns", "parameters"]);
  const columns = listIn(header["columns"], 1, "columns");
  if (columns.length !== LAYER_COLUMNS.length || LAYER_COLUMNS.some((name, i) => columns[i] !== name)) fail(1, "columns", ` are ${quoteValue(columns.join(", "))}. Format ${LAYER_FORMAT} has ${LAYER_COLUMNS.join(", ")}.`);
  const seen = new Set<string>();
  return listIn(header["parameters"], 1, "parameters").map((entry, i) => {
    const at = `parameters[${i}]`;
    const { name, layer, shape } = objectIn(entry, 1, at, ["name", "layer", "shape"]);
    if (typeof name !== "string" || name === "") return fail(1, `${at}.name`, ` is ${quoteValue(name)}. It needs a name.`);
    if (typeof layer !== "string") return fail(1, `${at}.layer`, ` is ${quoteValue(layer)}. It needs the name of a layer.`);
    if (seen.has(name)) fail(1, `${at}.name`, ` is ${quoteValue(name)}, which stands twice.`);
    seen.add(name);
    const sizes = listIn(shape, 1, `${at}.shape`);
    const wrong = sizes.findIndex((n) => !Number.isSafeInteger(n) || (n as number) < 0);
    if (wrong >= 0) fail(1, `${at}.shape[${wrong}]`, ` is ${quoteValue(sizes[wrong])}. It needs a whole number >= 0.`);
    return { name, layer, shape: sizes as number[] };
  });
}

function readChunk(value: unknown, line: number, steps: number[], columns: ReadonlyMap<string, LayerColumns>): void {
  const chunk = objectIn(value, line, "the chunk", ["steps", "parameters"]);
  const own = listIn(chunk["steps"], line, "steps");
  if (own.length === 0) fail(line, "steps", " are none. A chunk needs one step or more.");
  own.forEach((step, i) => {
    const last = steps.at(-1) ?? 0;
    if (!Number.isSafeInteger(step)) fail(line, `steps[${i}]`, ` is ${quoteValue(step)}. It needs a whole number.`);
    if ((step as number) <= last) fail(line, `steps[${i}]`, ` is ${quoteValue(step)}, after step ${last}. Steps rise.`);
    steps.push(step as number);
  });
  const parameters = objectIn(chunk["parameters"], line, "parameters", [...columns.keys()]);
  for (const [name, all] of columns) {
    const at = `parameters.${name}`;
    const given = objectIn(parameters[name], line, at, LAYER_COLUMNS);
    for (const column of LAYER_COLUMNS) {
      const list = listIn(given[column], line, `${at}.${column}`);
      if (list.length !== own.length) fail(line, `${at}.${column}`, ` has ${list.length} entries for ${own.length} steps. It needs one a step.`);
      append(all, column, list, line, `${at}.${column}`);
    }
  }
}

function append(all: LayerColumns, column: LayerColumn, list: readonly unknown[], line: number, key: string): void {
  if (column === "limitedBy") {
    list.forEach((entry, i) => {
      if (entry !== null && !(typeof entry === "string" && Object.hasOwn(LIMITS, entry))) fail(line, `${key}[${i}]`, ` is ${quoteValue(entry)}. It needs null or one of ${Object.keys(LIMITS).join(", ")}.`);
      all.limitedBy.push(entry as Limit | null);
    });
    return;
  }
  const numbers = all[column];
  for (let i = 0; i < list.length; i++) numbers.push(numberIn(list[i]) ?? fail(line, `${key}[${i}]`, ` is ${quoteValue(list[i])}. It needs a number, or "NaN", "Infinity" or "-Infinity".`));
}
