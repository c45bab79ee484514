// A sweep that was broken off goes on in its folder: what is finished stays, what is not is trained again from its start.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { RunFolderError } from "@llr/train/node";
import type { Job } from "../compare/job.ts";
import { isWorkedOn } from "../resultFolder.ts";

/** Everything that the results depend on, by the name that a refusal gives it. */
export type SweepIdentity = Readonly<Record<string, unknown>>;

function readJson(path: string, dir: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(readFileSync(path, "utf8")) as unknown;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
    throw new TypeError("it is no object");
  } catch (error) {
    throw new RunFolderError(dir, `${path} cannot be read (${(error as Error).message}). Give another folder with --out; nothing was changed.`, { cause: error });
  }
}

/**
 * @param identity of the sweep that is asked for
 * @throws RunFolderError naming the first key in which the sweep in the folder differs, with both values
 */
export function refuseOtherSweep(dir: string, identity: SweepIdentity): void {
  const { identity: old } = readJson(join(dir, "sweep.json"), dir);
  const known = (typeof old === "object" && old !== null ? old : {}) as SweepIdentity;
  const key = Object.keys({ ...known, ...identity }).find((name) => JSON.stringify(known[name]) !== JSON.stringify(identity[name]));
  if (key !== undefined) throw new RunFolderError(dir, `the sweep in it has another configuration: ${key} is ${JSON.stringify(known[key])}, asked for is ${JSON.stringify(identity[key])}. Give the same to go on with it, or another folder with --out.`);
}

const END_MS = 60_000;
const POLL_MS = 50;

/**
 * Waits for trainings of a sweep whose process was killed: each finishes its step and saves, and would write over the run that
 * takes its place.
 *
 * @throws RunFolderError if one does not end
 */
export async function waitForWorkers(jobs: readonly Job[]): Promise<void> {
  const started = performance.now();
  for (const { dir } of jobs) {
    while (isWorkedOn(dir)) {
      if (performance.now() - started > END_MS) throw new RunFolderError(dir, `a process of the sweep that was broken off still works on it, after ${END_MS / 1000} s (its number is in owner-1.json). End it, or give another folder with --out.`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

/**
 * Whether a training is through: finished, or diverged, which is a result, too. What is left of any other is removed.
 *
 * @throws RunFolderError if its place holds another training
 */
export function isThrough(job: Job): boolean {
  const path = join(job.dir, "run.json");
  if (existsSync(path)) {
    const { status, result, config } = readJson(path, job.dir);
    const own = config as Partial<Job>;
    for (const key of ["arm", "lr", "seed", "model", "epochs", "batchSize"] as const)
      if (own?.[key] !== job[key]) throw new RunFolderError(job.dir, `run.json is of another training: ${key} is ${JSON.stringify(own?.[key])}, expected is ${JSON.stringify(job[key])}. Remove the folder to train it again.`);
    if (status === "finished" || (status === "failed" && (result as { verdict?: unknown } | undefined)?.verdict === "nonFinite")) return true;
  }
  rmSync(job.dir, { recursive: true, force: true });
  return false;
}
