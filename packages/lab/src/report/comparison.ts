// A comparison as its folder tells it. Reports, tables and CSV files are made of this and of nothing else, so that they can
// be made again from the logs, and say the same.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LlrError } from "@llr/tensor";
import { type FitResult, type LayerColumns, type LayerSeries, type RateWarning, readJsonLines, readLayerSeries, type SeriesParameter, type StepMetrics, type TestMetrics, type Verdict } from "@llr/train";
import type { Machine } from "../machine.ts";
import type { RateSource } from "../rateSource.ts";

/** What `compare.json` says of all arms together. */
export interface CompareConfig {
  readonly model: string;
  readonly dataset: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly images: number;
  readonly testImages: number;
  readonly seed: number;
  /** 0 to 1. */
  readonly targetAccuracy: number;
  /** Steps of every arm. */
  readonly steps: number;
  readonly testEvery: number;
  /** Names, in order. */
  readonly arms: readonly string[];
  /** Largest rate of each arm. */
  readonly rates: readonly number[];
}

export interface CompareManifest extends Machine {
  readonly format: 1;
  readonly status: "running" | "finished" | "interrupted";
  readonly config: CompareConfig;
  readonly data: { readonly dataset: string; readonly files: readonly { readonly file: string; readonly sha256: string }[] };
  /** What each arm is, also of those that never started. */
  readonly arms: readonly ArmInfo[];
  /** Where the rates come from. Comparisons written before this was noted have none. */
  readonly rateSource?: RateSource;
  /** Why an arm's process ended early, by arm. */
  readonly errors?: Readonly<Record<string, string>>;
}

export interface ArmInfo {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly settings: Readonly<Record<string, number | string>>;
}

export interface ArmRun extends ArmInfo {
  /** Largest rate of its schedule. */
  readonly lr: number;
  readonly status: "finished" | "interrupted" | "failed" | "not started";
  /** Why it failed. */
  readonly error: string | null;
  /** What became of the training loss; null without a result. */
  readonly verdict: Verdict | null;
  readonly result: FitResult | null;
  /** Parameters that moved too far, or at another rate than their layer, also in a run that broke off. */
  readonly warnings: readonly RateWarning[];
  readonly metrics: readonly StepMetrics[];
  readonly tests: readonly TestMetrics[];
  readonly layers: LayerSeries;
  /** Wall time of the training steps, without evaluations; null before the first. */
  readonly trainSeconds: number | null;
  /** Wall time of the training steps up to the n-th, without evaluations: entry n - 1. */
  readonly secondsAtStep: readonly number[];
}

export interface Comparison {
  readonly manifest: CompareManifest;
  readonly arms: readonly ArmRun[];
}

/** A folder that is no comparison, or whose logs are damaged. */
export class ComparisonError extends LlrError {
  constructor(dir: string, problem: string, options?: ErrorOptions) {
    super("LLR_COMPARISON", `${dir}: ${problem}`, options);
  }
}

/**
 * Reads the logs that `llr compare` wrote.
 *
 * @throws ComparisonError if the folder holds no comparison, or one of another format, or a log with a damaged line
 */
export function readComparison(dir: string): Comparison {
  const path = join(dir, "compare.json");
  if (!existsSync(path)) throw new ComparisonError(dir, `there is no compare.json in it. It needs a folder that llr compare wrote${nearby(dir)}.`);
  const manifest = readJson(path) as CompareManifest;
  if (manifest.format !== 1) throw new ComparisonError(dir, `compare.json has format ${String(manifest.format)}, this version reads format 1. Use the version of llr that wrote it (${manifest.versions?.llr ?? "unknown"}).`);
  return { manifest, arms: manifest.arms.map((info, i) => readArm(dir, manifest, info, manifest.config.rates[i])) };
}

/** The comparisons in a folder of comparisons, for the message that one was meant. */
function nearby(dir: string): string {
  const names = existsSync(dir) ? readdirSync(dir, { withFileTypes: true }).filter((e) => e.isDirectory() && existsSync(join(dir, e.name, "compare.json"))).map((e) => join(dir, e.name)) : [];
  return names.length > 0 ? `, such as ${names.at(-1)!}` : "";
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new ComparisonError(path, `it cannot be read (${(error as Error).message}).`, { cause: error });
  }
}

interface RunManifest {
  readonly status: "running" | ArmRun["status"];
  readonly result?: Partial<FitResult> & { readonly error?: string };
}

function readArm(dir: string, manifest: CompareManifest, info: ArmInfo, lr: number): ArmRun {
  const own = join(dir, "arms", info.name);
  const log = <R>(file: string, read: (text: string) => R): R => {
    const path = join(own, file);
    try {
      return read(existsSync(path) ? readFileSync(path, "utf8") : "");
    } catch (error) {
      throw new ComparisonError(path, `it cannot be read: ${(error as Error).message}.`, { cause: error });
    }
  };
  const started = existsSync(join(own, "run.json"));
  const run = (started ? readJson(join(own, "run.json")) : { status: "failed" }) as RunManifest;
  const lines = log("metrics.jsonl", readJsonLines) as (StepMetrics | TestMetrics)[];
  const times = log("times.jsonl", readJsonLines) as { readonly what: string; readonly ms: number }[];
  const stepTimes = times.filter((t) => t.what === "step");
  const failure = manifest.errors?.[info.name] ?? run.result?.error ?? null;
  return {
    ...info, lr,
    // A run that still says "running" while nobody works on it has lost its process.
    status: !started && failure === null ? "not started" : run.status === "running" ? "failed" : run.status,
    error: failure ?? (run.status === "running" ? "its process ended early" : null),
    verdict: run.result?.verdict ?? null,
    result: run.result?.ended === undefined ? null : (run.result as FitResult),
    warnings: run.result?.warnings ?? [],
    metrics: lines.filter((line): line is StepMetrics => "loss" in line),
    tests: lines.filter((line): line is TestMetrics => "test" in line),
    layers: log("layers.jsonl", readLayerSeries),
    trainSeconds: stepTimes.length === 0 ? null : stepTimes.reduce((total, t) => total + t.ms, 0) / 1000,
    secondsAtStep: runningSeconds(stepTimes),
  };
}

function runningSeconds(steps: readonly { readonly ms: number }[]): number[] {
  let total = 0;
  return steps.map(({ ms }) => (total += ms) / 1000);
}

/** First evaluated step at which the accuracy reached the target; null: never. */
export const stepsToTarget = ({ tests }: Pick<ArmRun, "tests">, target: number): number | null => tests.find(({ test }) => test.accuracy >= target)?.step ?? null;

/** A layer as the report draws it: what its largest parameter got. A bias has a rate of its own in some optimizers. */
export interface LayerView {
  readonly layer: string;
  readonly parameter: SeriesParameter;
  readonly columns: LayerColumns;
}

/** The layers of a run in the order of the model, each by its largest parameter (its weights). */
export function layersOf({ parameters, columns }: LayerSeries): LayerView[] {
  const size = (p: SeriesParameter): number => p.shape.reduce((a, b) => a * b, 1);
  const largest = new Map<string, SeriesParameter>();
  for (const p of parameters) if (!largest.has(p.layer) || size(p) > size(largest.get(p.layer)!)) largest.set(p.layer, p);
  return [...largest].map(([layer, parameter]) => ({ layer, parameter, columns: columns.get(parameter.name)! }));
}

/** Every k-th index below `count`, and the last, so that at most `most` remain. Numbers are left out, never averaged. */
export function thin(count: number, most: number): number[] {
  const every = stride(count, most);
  const kept = Array.from({ length: Math.ceil(count / every) }, (_, i) => i * every);
  if (count > 0 && kept.at(-1) !== count - 1) kept.push(count - 1);
  return kept;
}

/** The k of {@link thin}. */
export const stride = (count: number, most: number): number => Math.max(1, Math.ceil(count / Math.max(1, most - 1)));
