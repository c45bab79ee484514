// run.json of an arm: what was trained, how, and how it ended.
import * as z from "zod";
import { type FitResult, type RateWarning, VERDICTS } from "@llr/train";
import type { Job } from "../compare/job.ts";
import type { Failure } from "../failure.ts";
import type { Machine } from "../machine.ts";
import { type ArmInfo, armInfo, machineFields, sha256 } from "./compareFile.ts";
import { atLeastZero, checked, count, flag, needs, number, rate, share, text } from "./check.ts";
import { MANIFEST_BYTES, readText } from "./readText.ts";

/** The job that its process was given, without the paths of this machine. */
export interface RunConfig extends Omit<Job, "dir" | "dataDir"> {
  readonly steps: number;
}

interface RunCommon extends Machine {
  readonly arm: ArmInfo;
  readonly config: RunConfig;
  /** SHA-256 of each log at the end of the run, by file name; absent until then. */
  readonly logs?: Readonly<Record<string, string>>;
}

export type RunFile = RunCommon & ({ readonly status: "running" } | { readonly status: "finished" | "interrupted"; readonly result: FitResult } | { readonly status: "failed"; readonly result: Failure | (FitResult & { readonly error: string }) });

const verdict = z.enum(VERDICTS, needs(VERDICTS.join(", ")));
const warning: z.ZodType<RateWarning> = z.strictObject({ kind: z.enum(["largeStep", "rateAboveLayer"], needs("largeStep or rateAboveLayer")), parameter: text, layer: text, fromStep: count, steps: count, worst: number });
const evaluation = z.strictObject({ loss: number, accuracy: share, count });

const common = {
  arm: armInfo,
  config: z.strictObject({
    arm: text, lr: rate, model: text, epochs: count, batchSize: count, images: count.exactOptional(), testImages: count.exactOptional(), holdOut: count.exactOptional(),
    testEvery: count, seed: atLeastZero, portable: flag.default(false), recordLayers: flag, acceptOtherData: flag.exactOptional(), steps: count,
  } satisfies Record<keyof RunConfig, z.ZodType>),
  logs: z.strictObject({ "metrics.jsonl": sha256, "times.jsonl": sha256, "layers.jsonl": sha256 }).exactOptional(),
  ...machineFields,
} as const;
/** Warnings and problem: absent from runs of before they were kept. */
const fitResult = {
  steps: count, ended: z.enum(["finished", "stopped"], needs("finished or stopped")), verdict, trainLoss: number, test: evaluation.nullable(), warnings: z.array(warning).default([]), problem: text.nullable().default(null),
};
/** A run that broke off has an error, and what was known by then; one that ended with numbers that are not finite its whole result, too. */
const failed = z.union([z.strictObject({ error: text, verdict: verdict.exactOptional(), steps: count.exactOptional(), warnings: z.array(warning).exactOptional() }), z.strictObject({ ...fitResult, error: text })], needs("the error, or the whole result with its error"));

const schema: z.ZodType<RunFile> = z.discriminatedUnion("status", [
  z.strictObject({ ...common, status: z.literal("running"), result: z.unknown().exactOptional() }), // of an earlier part of the run
  z.strictObject({ ...common, status: z.enum(["finished", "interrupted"]), result: z.strictObject(fitResult) }),
  z.strictObject({ ...common, status: z.literal("failed"), result: failed }),
], needs("running, finished, interrupted or failed"));

/**
 * @returns null if there is no such file: the run never started
 * @throws ComparisonError, with the key, if it is not what an arm's process writes
 */
export function readRunFile(path: string): RunFile | null {
  const content = readText(path, MANIFEST_BYTES);
  return content === null ? null : checked(schema, content, path);
}
