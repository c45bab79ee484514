// Rates for a comparison from the folder of a sweep.
import { join } from "node:path";
import { LlrError } from "@llr/tensor";
import { readSweepFile, type SweepFile } from "../logs/sweepFile.ts";
import type { RateSource } from "../rateSource.ts";
import { isAbandoned } from "../resultFolder.ts";
import { bestFactors, type BestFactor } from "./table.ts";

/** A folder that holds no finished sweep, or not of the arms that are asked for. */
export class SweepError extends LlrError {
  constructor(dir: string, problem: string) {
    super("LLR_SWEEP", `${dir}: ${problem}`);
  }
}

export interface SweptRates {
  readonly source: Omit<RateSource, "scale">;
  /** By arm, in the order of the sweep. */
  readonly best: ReadonlyMap<string, BestFactor>;
}

/**
 * The rate of each arm with the best mean accuracy.
 *
 * @throws SweepError if the folder holds no sweep, or one that is not finished: arms with fewer trials than others would be
 *         at a disadvantage; ComparisonError, with the key, if sweep.json is not as it was written
 */
export function readSweptRates(dir: string): SweptRates {
  const hasEnded = isAbandoned(dir);
  const file = readSweepFile(join(dir, "sweep.json"));
  if (file === null) throw new SweepError(dir, "there is no sweep.json in it. --rates needs a folder that llr sweep wrote.");
  if (file.status === "running" && hasEnded) throw new SweepError(dir, "the sweep was interrupted: its process ended. --rates needs a finished one; the same llr sweep with --out and this folder goes on with it.");
  if (file.status !== "finished") throw new SweepError(dir, `the sweep is ${JSON.stringify(file.status)}. --rates needs a finished one: every arm must have had the same trials.`);
  refuseUnequalTrials(dir, file);
  const { model, dataset, epochs, batchSize, images } = file.config;
  return { source: { from: dir, foundFor: { model, dataset, epochs, batchSize, images } }, best: new Map(bestFactors(file.results).map((best) => [best.arm, best])) };
}

/** Every arm has a result for each factor and seed, and no other. */
function refuseUnequalTrials(dir: string, { config: { arms, factors, seeds }, results }: SweepFile): void {
  const nameOf = (arm: string, factor: number, seed: number): string => `${arm} x ${factor} with seed ${seed}`;
  const wanted = arms.flatMap((arm) => factors.flatMap((factor) => Array.from({ length: seeds }, (_, i) => nameOf(arm, factor, i + 1))));
  const found = results.map(({ arm, factor, seed }) => nameOf(arm, factor, seed));
  const missing = wanted.find((name) => !found.includes(name));
  const strange = found.find((name, i) => !wanted.includes(name) || found.indexOf(name) !== i);
  if (missing !== undefined) throw new SweepError(dir, `sweep.json has no result of ${missing}. It needs one of each trial; sweep again.`);
  if (strange !== undefined) throw new SweepError(dir, `sweep.json has a result of ${strange} that the sweep does not have, or has twice. It was changed; sweep again.`);
}

/** @throws SweepError naming the arm that was not in the sweep */
export function sweptRate({ source, best }: SweptRates, arm: string): number {
  const found = best.get(arm);
  if (found === undefined) throw new SweepError(source.from, `the sweep has no rate for ${arm}. It has ${[...best.keys()].join(", ")}: name those with --arms, or sweep ${arm} too.`);
  return found.lr;
}
