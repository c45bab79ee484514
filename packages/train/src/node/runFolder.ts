import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { LlrError } from "@llr/tensor";
import { layerSeriesWriter, type SeriesParameter } from "../layerSeries.ts";
import { jsonLine, jsonText } from "../jsonLines.ts";
import type { Recorder } from "../recorder.ts";

/** A run cannot be written where it was asked for. */
export class RunFolderError extends LlrError {
  readonly dir: string;

  constructor(dir: string, problem: string, options?: ErrorOptions) {
    super("LLR_RUN_FOLDER", `${dir}: ${problem}`, options);
    this.dir = dir;
  }
}

/** What `run.json` holds: everything needed to run it again, and how it ended. */
export interface RunManifest {
  readonly status: "running" | "finished" | "interrupted" | "failed";
  readonly config: object;
  /** How the run ended: results, or the error. */
  readonly result?: object;
  readonly [key: string]: unknown;
}

/**
 * A run as files that survive a crash: `run.json` (replaced as a whole, never half-written), `metrics.jsonl` (one line a
 * step or evaluation), `layers.jsonl` (what each parameter got in each step), both the same for the same seed, and
 * `times.jsonl` (wall times, which differ). Lines are written with one system call each.
 */
export interface RunFolder extends Recorder {
  readonly dir: string;
  /** Replaces run.json by the manifest with these fields changed. */
  update(changes: Partial<RunManifest>): void;
  close(): void;
}

/**
 * @param dir made if it does not exist; must not hold a run
 * @param parameters of the model, in order: the rows of layers.jsonl
 * @throws RunFolderError if it holds a run, is no folder, or cannot be written
 */
export function createRunFolder(dir: string, manifest: RunManifest, parameters: readonly SeriesParameter[]): RunFolder {
  checkVacant(dir);
  let current = manifest;
  let files: Record<"metrics" | "times" | "layers", number>;
  try {
    mkdirSync(dir, { recursive: true });
    writeManifest(dir, current);
    const open = (name: string): number => openSync(join(dir, name), "ax");
    files = { metrics: open("metrics.jsonl"), times: open("times.jsonl"), layers: open("layers.jsonl") };
  } catch (error) {
    throw new RunFolderError(dir, `the folder cannot be written (${(error as Error).message}). Choose another with --out.`, { cause: error });
  }
  const series = layerSeriesWriter(parameters, (line) => void writeSync(files.layers, line));
  return {
    dir,
    layers: series.add,
    metrics: (record) => void writeSync(files.metrics, jsonLine(record)),
    time: (record) => void writeSync(files.times, jsonLine(record)),
    update: (changes) => {
      current = { ...current, ...changes };
      writeManifest(dir, current);
    },
    close: () => {
      series.flush();
      for (const file of Object.values(files)) closeSync(file);
    },
  };
}

/** Refuses before any work is done, so that a long set-up does not end in a refusal. */
export function checkVacant(dir: string): void {
  if (!existsSync(dir)) return;
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    throw new RunFolderError(dir, "it is not a folder. Choose another path with --out.", { cause: error });
  }
  const taken = ["run.json", "metrics.jsonl", "times.jsonl", "layers.jsonl"].find((name) => names.includes(name));
  if (taken) throw new RunFolderError(dir, `the folder already holds a run (${taken}). Choose another with --out; nothing is overwritten.`);
}

const writeManifest = (dir: string, manifest: RunManifest): void => writeWhole(join(dir, "run.json"), jsonText(manifest));

/** Writes a file that is never seen half-written: beside its place, flushed to the disk, and renamed. */
export function writeWhole(path: string, text: string): void {
  const partial = `${path}.partial`;
  writeFileSync(partial, text);
  const file = openSync(partial, "r+");
  fsyncSync(file);
  closeSync(file);
  renameSync(partial, path);
}
