// sweep.json, as far as a comparison takes rates from it: what was trained, and what each trial reached.
import * as z from "zod";
import { VERDICTS } from "@llr/train";
import type { Setting } from "../rateSource.ts";
import type { TrialResult } from "../sweep/table.ts";
import { checked, count, needs, number, rate, share, text } from "./check.ts";
import { MANIFEST_BYTES, readText } from "./readText.ts";

/** The number of the form in which a sweep lies in its folder. */
const SWEEP_FORMAT = 1;

export interface SweepFile {
  readonly format: typeof SWEEP_FORMAT;
  readonly status: "running" | "finished" | "interrupted";
  readonly config: Setting & { readonly factors: readonly number[]; readonly seeds: number; readonly arms: readonly string[] };
  readonly results: readonly TrialResult[];
}

const trial: z.ZodType<TrialResult> = z.strictObject({
  arm: text, label: text, factor: rate, lr: rate, seed: count, accuracy: share.nullable(), loss: number.nullable(),
  verdict: z.enum([...VERDICTS, "failed"], needs(`${VERDICTS.join(", ")} or failed`)),
} satisfies Record<keyof TrialResult, z.ZodType>);

/** Machine, data and identity are for others: they may be anything. */
const schema: z.ZodType<SweepFile> = z.looseObject({
  format: z.literal(SWEEP_FORMAT, needs(`${SWEEP_FORMAT}`)),
  status: z.enum(["running", "finished", "interrupted"], needs("running, finished or interrupted")),
  config: z.looseObject({ model: text, dataset: text, epochs: count, batchSize: count, images: count, factors: z.array(rate).min(1, needs("a factor or more")), seeds: count, arms: z.array(text) }),
  results: z.array(trial),
});

/**
 * @returns null if there is no such file
 * @throws ComparisonError, with the key, if it is not what `llr sweep` writes
 */
export function readSweepFile(path: string): SweepFile | null {
  const content = readText(path, MANIFEST_BYTES);
  return content === null ? null : checked(schema, content, path);
}
