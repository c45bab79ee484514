// compare.json: what was compared, on what, and how far it came.
import * as z from "zod";
import type { Backend } from "@llr/tensor";
import { quoteValue } from "@llr/train";
import type { Machine } from "../machine.ts";
import type { RateSource } from "../rateSource.ts";
import { ComparisonError } from "../report/comparisonError.ts";
import { atLeastZero, checked, count, damage, flag, needs, rate, share, text } from "./check.ts";
import { MANIFEST_BYTES, readText } from "./readText.ts";

/** The number of the form in which a comparison lies in its folder. */
export const COMPARE_FORMAT = 1;

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
  /** Commit of the source that trained, and whether files differed from it; null outside of a checkout. */
  readonly git?: { readonly commit: string; readonly dirty: boolean } | null;
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

/** An arm's name is the name of its folder, and must not lead out of `arms/`. */
const armName = text.regex(/^(?!\.\.?$)[^/\\\p{Cc}]{1,100}$/u, needs("the name of a folder, without / and \\"));
export const armInfo: z.ZodType<ArmInfo> = z.strictObject({ name: armName, label: text, description: text, settings: z.record(z.string(), z.union([z.string(), z.number()], needs("a number or a text"))) });

export const sha256: z.ZodString = text.regex(/^[0-9a-f]{64}$/, needs("a SHA-256 in 64 hexadecimal digits"));

/** Which machine and software: fields of its own, which versions of llr may add to. */
export const machineFields: { readonly [K in keyof Machine]: z.ZodType<Machine[K]> } = {
  versions: z.looseObject({ llr: text, node: text, v8: text }),
  arithmetic: z.looseObject({ home: text, arithmetic: text, threads: count }) as unknown as z.ZodType<Backend>,
  machine: z.looseObject({ platform: text, arch: text, cpu: text, cores: count, memoryGiB: atLeastZero }),
};

const schema: z.ZodType<CompareManifest> = z.strictObject({
  format: z.literal(COMPARE_FORMAT, needs(`${COMPARE_FORMAT}`)),
  status: z.enum(["running", "finished", "interrupted"], needs("running, finished or interrupted")),
  config: z.strictObject({
    model: text, dataset: text, epochs: count, batchSize: count, images: count, testImages: count, seed: atLeastZero, targetAccuracy: share, steps: count, testEvery: count,
    arms: z.array(armName).min(1, needs("an arm or more")), rates: z.array(rate),
  }),
  data: z.looseObject({ dataset: text, files: z.array(z.looseObject({ file: text, sha256 })) }),
  arms: z.array(armInfo),
  rateSource: z.strictObject({ from: text, foundFor: z.strictObject({ model: text, dataset: text, epochs: count, batchSize: count, images: count }), scale: rate }).exactOptional(),
  git: z.strictObject({ commit: text, dirty: flag }).nullable().exactOptional(),
  errors: z.record(z.string(), text).exactOptional(),
  ...machineFields,
} satisfies Record<keyof CompareManifest, z.ZodType>);

/**
 * @returns null if the folder has no compare.json
 * @throws ComparisonError, with the key, if it is not what `llr compare` writes, or of another format
 */
export function readCompareFile(path: string): CompareManifest | null {
  const content = readText(path, MANIFEST_BYTES);
  if (content === null) return null;
  refuseOtherFormat(path, content);
  const manifest = checked(schema, content, path);
  const { config, arms, errors = {} } = manifest;
  const fail = (key: string, problem: string): never => {
    throw damage(path, `${key} ${problem}.`, { key });
  };
  if (config.arms.length !== arms.length || config.arms.some((name, i) => arms[i].name !== name)) fail("arms", `are ${quoteValue(arms.map((arm) => arm.name).join(", "))}, config.arms ${quoteValue(config.arms.join(", "))}. They need to be the same`);
  // Folders of some systems do not tell large letters from small ones.
  if (new Set(config.arms.map((name) => name.toLowerCase())).size !== config.arms.length) fail("config.arms", `has a name twice: ${quoteValue(config.arms.join(", "))}`);
  if (config.rates.length !== arms.length) fail("config.rates", `has ${config.rates.length} entries for ${arms.length} arms`);
  const stranger = Object.keys(errors).find((name) => !config.arms.includes(name));
  if (stranger !== undefined) fail("errors", `names ${quoteValue(stranger)}, which is no arm of this comparison`);
  const steps = config.epochs * Math.ceil(config.images / config.batchSize);
  if (config.steps !== steps) fail("config.steps", `is ${config.steps}. ${config.epochs} epochs of ${config.images} images in batches of ${config.batchSize} are ${steps} steps`);
  return manifest;
}

/** Before the other keys, which may be others there. */
function refuseOtherFormat(path: string, content: string): void {
  const { format, versions } = checked(z.looseObject({ format: z.unknown(), versions: z.unknown() }), content, path);
  if (format === undefined || format === COMPARE_FORMAT) return;
  const parsed = z.object({ llr: z.string() }).safeParse(versions);
  throw new ComparisonError(path, `it has format ${quoteValue(format)}, this version reads format ${COMPARE_FORMAT}. Use the version of llr that wrote it (${parsed.success ? parsed.data.llr : "unknown"}).`, { key: "format" });
}
