// An arm's folder: four files that tell of one run, and have to agree with each other and with compare.json.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type FitResult, type LayerSeries, logLines, type RateWarning, readLayerSeries, type StepMetrics, type TestMetrics, type Verdict } from "@llr/train";
import { damage, logProblem } from "./check.ts";
import type { ArmInfo, CompareManifest } from "./compareFile.ts";
import { refuseGaps, refuseOtherBytes, refuseOtherEnd, refuseOtherRun, refuseOtherSteps } from "./consistency.ts";
import { LOG_BYTES, readText } from "./readText.ts";
import { readRunFile } from "./runFile.ts";
import { type Log, readMetrics, readTimes, type TimeLine } from "./stepFiles.ts";

export interface ArmRun extends ArmInfo {
  /** Largest rate of its schedule. */
  readonly lr: number;
  /** `damaged`: its logs cannot be taken, and nothing of them is. */
  readonly status: "running" | "finished" | "interrupted" | "failed" | "not started" | "damaged";
  /** Why it failed, or in what it is damaged. */
  readonly error: string | null;
  /** What a reader of its numbers should know: a line that was cut. */
  readonly notes: readonly string[];
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

/** An arm of which nothing is known but what compare.json says. */
export const armWithoutLogs = (info: ArmInfo, lr: number, status: ArmRun["status"], error: string | null): ArmRun =>
  ({ ...info, lr, status, error, notes: [], verdict: null, result: null, warnings: [], metrics: [], tests: [], layers: { parameters: [], steps: [], columns: new Map() }, trainSeconds: null, secondsAtStep: [] });

/** The logs of an arm as they were read, one by one. */
export interface Logs {
  readonly metrics: Log<StepMetrics | TestMetrics>;
  readonly steps: readonly StepMetrics[];
  readonly tests: readonly TestMetrics[];
  readonly times: Log<TimeLine>;
  readonly layers: LayerSeries;
  readonly layersCut: boolean;
  /** By file name. */
  readonly sha256: Readonly<Record<string, string>>;
}

/**
 * @throws ComparisonError if a file is not as it was written, tells of another run than compare.json, or contradicts another
 */
export function readArm(dir: string, manifest: CompareManifest, info: ArmInfo, lr: number): ArmRun {
  const path = (file: string): string => join(dir, "arms", info.name, file);
  const outcome = manifest.errors !== undefined && Object.hasOwn(manifest.errors, info.name) ? manifest.errors[info.name] : null;
  const run = readRunFile(path("run.json"));
  const logs = readLogs(path);
  if (run === null) {
    if (logs.metrics.lines.length > 0) throw damage(path("run.json"), "it is missing, and metrics.jsonl beside it is not. Put it back.");
    if (outcome === null && manifest.status === "finished") throw damage(path("run.json"), "it is missing, while compare.json says that the comparison finished. Put the arm's folder back.");
    return armWithoutLogs(info, lr, outcome === null ? "not started" : "failed", outcome);
  }
  refuseOtherRun(path("run.json"), run, manifest, info, lr);
  refuseGaps(path, run.config, logs);
  refuseOtherSteps(path, logs);
  refuseOtherEnd(path, run, logs);
  refuseOtherBytes(path, run, logs.sha256);
  // While the comparison runs, so may its arms; in one that ended, an arm that still says so has lost its process.
  const lost = run.status === "running" && manifest.status !== "running";
  const secondsAtStep = runningSeconds(logs.times.lines.filter((t) => t.what === "step"));
  return {
    ...info, lr,
    status: lost ? "failed" : run.status,
    error: outcome ?? (run.status === "failed" ? run.result.error : lost ? "its process ended early" : null),
    notes: notesOn(info.name, logs),
    verdict: run.status === "running" ? null : (run.result.verdict ?? null),
    result: run.status !== "running" && "ended" in run.result ? run.result : null,
    warnings: run.status === "running" ? [] : (run.result.warnings ?? []),
    metrics: logs.steps, tests: logs.tests, layers: logs.layers,
    trainSeconds: secondsAtStep.at(-1) ?? null, secondsAtStep,
  };
}

function runningSeconds(steps: readonly TimeLine[]): number[] {
  let total = 0;
  return steps.map(({ ms }) => (total += ms) / 1000);
}

/** A step is written to the last of these last: read in this order, they agree while the run goes on. */
const LOG_FILES = ["layers.jsonl", "times.jsonl", "metrics.jsonl"];

function readLogs(path: (file: string) => string): Logs {
  const texts = Object.fromEntries(LOG_FILES.map((file) => [file, readText(path(file), LOG_BYTES) ?? ""]));
  const metrics = readMetrics(path("metrics.jsonl"), texts["metrics.jsonl"]);
  const text = texts["layers.jsonl"];
  let layers: LayerSeries;
  try {
    layers = readLayerSeries(text);
  } catch (error) {
    throw logProblem(path("layers.jsonl"), error);
  }
  return {
    metrics, layers, layersCut: logLines(text).incomplete !== null, times: readTimes(path("times.jsonl"), texts["times.jsonl"]),
    sha256: Object.fromEntries(LOG_FILES.map((file) => [file, createHash("sha256").update(texts[file]).digest("hex")])),
    steps: metrics.lines.filter((line): line is StepMetrics => "loss" in line), tests: metrics.lines.filter((line): line is TestMetrics => "test" in line),
  };
}

/** Of a run that was stopped or killed: lines that were being written just then. */
function notesOn(arm: string, { metrics, times, layers, layersCut }: Logs): string[] {
  const cut = (file: string, isCut: boolean, read: string): string[] => (isCut ? [`arms/${arm}/${file}: ${read} were read; the last line is incomplete and was left out`] : []);
  return [...cut("metrics.jsonl", metrics.isCut, `${metrics.lines.length} lines`), ...cut("times.jsonl", times.isCut, `${times.lines.length} lines`), ...cut("layers.jsonl", layersCut, `${layers.steps.length} steps`)];
}
