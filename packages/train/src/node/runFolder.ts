import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LlrError } from "@llr/tensor";
import { layerSeriesWriter, type LayerSeriesWriter, type SeriesParameter } from "../layerSeries.ts";
import { jsonLine, jsonText } from "../jsonLines.ts";
import type { Recorder } from "../recorder.ts";
import { createFile, createWhole, FileError, type GrowingFile, makeFolder, writeWhole } from "./files.ts";

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
 * `times.jsonl` (wall times, which differ).
 */
export interface RunFolder extends Recorder {
  readonly dir: string;
  /**
   * Replaces run.json by the manifest with these fields changed. A status other than "running" ends the run: run.json then
   * holds the SHA-256 of each log, so that a reader can tell a log that was changed later.
   */
  update(changes: Partial<RunManifest>): void;
  /** Writes what is left to the logs. */
  close(): void;
  /** Ends a run that broke off, as far as it can be saved: on a full disk, the first error is the one to tell. */
  fail(result: object): void;
}

/** In the order in which they are made: the first one claims the folder. */
const FILES = ["run.json", "metrics.jsonl", "times.jsonl", "layers.jsonl"] as const;

/**
 * @param dir made if it does not exist; must not hold a run. Of several that ask for the same one, one gets it
 * @param parameters of the model, in order: the rows of layers.jsonl
 * @throws RunFolderError if it holds a run, or is no folder; FileError if it cannot be written, also while the run goes on
 */
export function createRunFolder(dir: string, manifest: RunManifest, parameters: readonly SeriesParameter[]): RunFolder {
  checkVacant(dir, FILES);
  makeFolder(dir);
  let current = manifest;
  const path = join(dir, FILES[0]);
  const write = (save: typeof writeWhole): void => save(path, jsonText(current));
  claiming(dir, FILES[0], () => write(createWhole));
  const logs: GrowingFile[] = [];
  const create = (name: string): GrowingFile => {
    logs.push(claiming(dir, name, () => createFile(join(dir, name))));
    return logs.at(-1)!;
  };
  const makeLogs = (): { metrics: GrowingFile; times: GrowingFile; series: LayerSeriesWriter } => {
    try {
      return { metrics: create(FILES[1]), times: create(FILES[2]), series: layerSeriesWriter(parameters, create(FILES[3]).append) };
    } catch (error) {
      for (const name of FILES.slice(0, logs.length + 1)) rmSync(join(dir, name), { force: true });
      for (const log of logs) log.close();
      throw error;
    }
  };
  const { metrics, times, series } = makeLogs();
  let isOpen = true;
  const folder: RunFolder = {
    dir,
    layers: series.add,
    metrics: (record) => metrics.append(jsonLine(record)),
    time: (record) => times.append(jsonLine(record)),
    update: (changes) => {
      if (changes.status !== undefined && changes.status !== "running") {
        if (isOpen) series.flush();
        changes = { ...changes, logs: Object.fromEntries(logs.map((log, i) => [FILES[i + 1], log.sha256()])) };
      }
      current = { ...current, ...changes };
      write(writeWhole);
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      try {
        series.flush();
      } finally {
        for (const log of logs) log.close();
      }
    },
    fail: (result) => {
      for (const save of [folder.close, () => folder.update({ status: "failed", result })]) {
        try {
          save();
        } catch (error) {
          if (!(error instanceof FileError)) throw error;
        }
      }
    },
  };
  return folder;
}

/**
 * Refuses a folder that holds one of these files: before any work is done, so that a long set-up does not end in a refusal.
 * It is no claim: two may see the same empty folder.
 *
 * @throws RunFolderError, also for a path that is no folder
 */
export function checkVacant(dir: string, names: readonly string[] = FILES, holding: string = "a run"): void {
  if (dir === "") throw new RunFolderError('""', "the path of the folder is empty. Name a folder with --out.");
  let present: string[];
  try {
    present = readdirSync(dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return;
    if (code === "ENOTDIR") throw new RunFolderError(dir, "it is not a folder. Choose another path with --out.", { cause: error });
    throw new FileError(dir, error);
  }
  const taken = names.find((name) => present.includes(name));
  if (taken !== undefined) throw new RunFolderError(dir, refusal(taken, holding));
}

const refusal = (name: string, holding: string): string => `the folder already holds ${holding} (${name}). Choose another with --out; nothing is overwritten.`;

/** Makes the file that claims a folder. @throws RunFolderError if another was faster */
export function claiming<R>(dir: string, name: string, make: () => R, holding: string = "a run"): R {
  try {
    return make();
  } catch (error) {
    if (error instanceof FileError && error.errno === "EEXIST") throw new RunFolderError(dir, refusal(name, holding), { cause: error });
    throw error;
  }
}
