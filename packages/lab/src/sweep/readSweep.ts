// Rates for a comparison from the folder of a sweep.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LlrError } from "@llr/tensor";
import type { RateSource } from "../rateSource.ts";
import { bestFactors, type BestFactor, type TrialResult } from "./table.ts";

/** A folder that holds no finished sweep, or not of the arms that are asked for. */
export class SweepError extends LlrError {
  constructor(dir: string, problem: string) {
    super("LLR_SWEEP", `${dir}: ${problem}`);
  }
}

interface SweepFile {
  readonly format: number;
  readonly status: string;
  readonly config: { readonly model: string; readonly dataset: string; readonly epochs: number; readonly batchSize: number; readonly images: number };
  readonly results: readonly TrialResult[];
}

export interface SweptRates {
  readonly source: Omit<RateSource, "scale">;
  /** By arm, in the order of the sweep. */
  readonly best: ReadonlyMap<string, BestFactor>;
}

/**
 * The rate of each arm with the best mean accuracy.
 *
 * @throws SweepError if the folder holds no sweep, one of another format, or one that is not finished: arms with fewer
 *         trials than others would be at a disadvantage
 */
export function readSweptRates(dir: string): SweptRates {
  const path = join(dir, "sweep.json");
  if (!existsSync(path)) throw new SweepError(dir, "there is no sweep.json in it. --rates needs a folder that llr sweep wrote.");
  let file: Partial<SweepFile> | null;
  try {
    file = JSON.parse(readFileSync(path, "utf8")) as Partial<SweepFile> | null;
  } catch (error) {
    throw new SweepError(path, `it cannot be read (${(error as Error).message}).`);
  }
  if (file?.format !== 1 || file.config === undefined || !Array.isArray(file.results)) throw new SweepError(path, `its format is ${JSON.stringify(file?.format)}. It needs 1, with config and results, as llr sweep writes it.`);
  if (file.status !== "finished") throw new SweepError(dir, `the sweep is ${JSON.stringify(file.status)}. --rates needs a finished one: every arm must have had the same trials.`);
  const { model, dataset, epochs, batchSize, images } = file.config;
  return { source: { from: dir, foundFor: { model, dataset, epochs, batchSize, images } }, best: new Map(bestFactors(file.results).map((best) => [best.arm, best])) };
}

/** @throws SweepError naming the arm that was not in the sweep */
export function sweptRate({ source, best }: SweptRates, arm: string): number {
  const found = best.get(arm);
  if (found === undefined) throw new SweepError(source.from, `the sweep has no rate for ${arm}. It has ${[...best.keys()].join(", ")}: name those with --arms, or sweep ${arm} too.`);
  return found.lr;
}
