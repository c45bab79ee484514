// A comparison as its folder tells it. Reports, tables and CSV files are made of this and of nothing else, so that they can
// be made again from the logs, and say the same.
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { LayerColumns, LayerSeries, SeriesParameter } from "@llr/train";
import { type CompareManifest, readCompareFile } from "../logs/compareFile.ts";
import { type ArmRun, armWithoutLogs, readArm } from "../logs/readArm.ts";
import { isAbandoned } from "../resultFolder.ts";
import { ComparisonError } from "./comparisonError.ts";

export type { ArmInfo, CompareConfig, CompareManifest } from "../logs/compareFile.ts";
export type { ArmRun } from "../logs/readArm.ts";
export { ComparisonError } from "./comparisonError.ts";

export interface Comparison {
  readonly manifest: CompareManifest;
  readonly arms: readonly ArmRun[];
  /** Its process ended, as by SIGKILL, before it could note how far it came. It is told as interrupted. */
  readonly isAbandoned: boolean;
}

export interface ReadComparisonOptions {
  /**
   * An arm with damaged logs: `refuse` the whole comparison, so that nothing is drawn of which a part is missing (default), or
   * `mark` the arm as damaged, with the reason, and take the others.
   */
  readonly damaged?: "refuse" | "mark";
}

/**
 * Reads the logs that `llr compare` wrote, and checks every byte of them: each file against its schema, the files of an arm
 * against each other and against compare.json.
 *
 * @throws ComparisonError if the folder holds no comparison, or one of another format; for a damaged compare.json, or a
 *   damaged log unless such arms are to be marked
 */
export function readComparison(dir: string, { damaged = "refuse" }: ReadComparisonOptions = {}): Comparison {
  const hasEnded = isAbandoned(dir);
  const manifest = readCompareFile(join(dir, "compare.json"));
  if (manifest === null) throw new ComparisonError(dir, `there is no compare.json in it. It needs a folder that llr compare wrote${nearby(dir)}.`);
  let reference: ArmRun | null = null;
  const arms = manifest.arms.map((info, i) => {
    const lr = manifest.config.rates[i];
    try {
      const arm = readArm(dir, manifest, info, lr);
      if (reference !== null && arm.layers.steps.length > 0) refuseOtherLayers(dir, arm, reference);
      if (arm.layers.steps.length > 0) reference ??= arm;
      return arm;
    } catch (error) {
      if (!(error instanceof ComparisonError)) throw error;
      if (damaged === "mark") return armWithoutLogs(info, lr, "damaged", `${relative(dir, error.path).replaceAll("\\", "/")}: ${error.problem}`);
      throw new ComparisonError(error.path, `${error.problem} Nothing was written; llr report --mark-damaged makes the report of the other arms.`, error, { cause: error });
    }
  });
  if (!hasEnded || manifest.status !== "running") return { manifest, arms, isAbandoned: false };
  const ended = arms.map((arm): ArmRun => (arm.status === "running" ? { ...arm, status: "interrupted", error: "its process ended" } : arm));
  return { manifest: { ...manifest, status: "interrupted" }, arms: ended, isAbandoned: true };
}

/** All arms train the same network, which the report's columns rely on. */
function refuseOtherLayers(dir: string, arm: ArmRun, reference: ArmRun): void {
  if (JSON.stringify(arm.layers.parameters) === JSON.stringify(reference.layers.parameters)) return;
  throw new ComparisonError(join(dir, "arms", arm.name, "layers.jsonl"), `its parameters differ from those of ${reference.name}. All arms train the same network.`, { line: 1, key: "parameters" });
}

/** The comparisons in a folder of comparisons, for the message that one was meant. */
function nearby(dir: string): string {
  try {
    const names = readdirSync(dir, { withFileTypes: true }).filter((e) => e.isDirectory() && existsSync(join(dir, e.name, "compare.json"))).map((e) => join(dir, e.name));
    return names.length > 0 ? `, such as ${names.at(-1)!}` : "";
  } catch {
    return ""; // no folder, or none that may be looked into
  }
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
