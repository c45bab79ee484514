// Damaged logs at random: whatever happens to the files of a comparison, its reader gives what was recorded, or says in one
// line what is wrong. It never ends in an error of another kind, and never takes a damage in silence.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Rng } from "@llr/tensor";
import { cases, FUZZ_SEED } from "../../../../tools/fuzz.ts";
import { type Comparison, ComparisonError, readComparison } from "../report/comparison.ts";
import { layersCsv, summaryCsv } from "../report/csv.ts";
import { formatSummary } from "../report/summary.ts";
import { SMALL_COMPARISON, writeComparison } from "../test/writeComparison.ts";

const root = mkdtempSync(join(tmpdir(), "llr-fuzz-"));
const dir = join(root, "run");
const original = new Map<string, Buffer>();
const ofOtherSeed = new Map<string, Buffer>();

beforeAll(() => {
  for (const [folder, seed, files] of [["run", 1, original], ["other", 2, ofOtherSeed]] as const) {
    writeComparison(join(root, folder), { ...SMALL_COMPARISON, seed });
    for (const path of readdirSync(join(root, folder), { recursive: true }) as string[])
      if (statSync(join(root, folder, path)).isFile()) files.set(path, readFileSync(join(root, folder, path)));
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What the report makes of a comparison, to the last digit. */
function meaning(comparison: Comparison): string {
  const { config, arms, versions, machine, data, rateSource, errors, status, arithmetic } = comparison.manifest;
  const { home, threads } = arithmetic;
  const read = { config, arms, versions, machine, rateSource, errors, status, home, threads, arithmetic: arithmetic.arithmetic, files: data.files.map(({ file, sha256 }) => [file, sha256]), runs: comparison.arms };
  return JSON.stringify(read, (_, value: unknown) => (value instanceof Map ? [...value] : typeof value === "number" && !Number.isFinite(value) ? String(value) : value));
}

/** The same without the digits of its numbers and the letters of its texts. */
const form = (text: string): string => text.replace(/"(?:[^"\\]|\\.)*"(?!:)/g, '""').replace(/-?\d+(\.\d+)?(e[+-]?\d+)?/g, "0").replaceAll('""', "0");

type Json = Record<string, unknown> | unknown[];
/** Every place in a document that has a parent. */
function places(value: unknown, found: { parent: Json; key: string | number }[] = []): { parent: Json; key: string | number }[] {
  if (typeof value !== "object" || value === null) return found;
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    found.push({ parent: value as Json, key });
    places((value as Record<string | number, unknown>)[key], found);
  }
  return found;
}

const pick = <T>(rng: Rng, list: readonly T[]): T => list[rng.integer(list.length)];
const WRONG: readonly unknown[] = [null, true, "text", "1", [], {}, [1], { a: 1 }, "", "\u001b[2J"];

/** Changes one place of one document in a file: of a log, of one of its lines. */
function editDocument(rng: Rng, bytes: Buffer, isLog: boolean, change: (place: { parent: Json; key: string | number }) => void): Buffer {
  const lines = isLog ? bytes.toString().trimEnd().split("\n") : [bytes.toString()];
  const at = rng.integer(lines.length);
  const document = JSON.parse(lines[at]) as unknown;
  change(pick(rng, places(document)));
  lines[at] = isLog ? JSON.stringify(document) : JSON.stringify(document, null, 2);
  return Buffer.from(`${lines.join("\n")}\n`);
}

function editLines(bytes: Buffer, change: (lines: string[]) => void): Buffer {
  const lines = bytes.toString().trimEnd().split("\n");
  change(lines);
  return Buffer.from(`${lines.join("\n")}\n`);
}

/** Each makes of a file's bytes others. */
const MUTATIONS: Readonly<Record<string, (rng: Rng, bytes: Buffer, isLog: boolean) => Buffer>> = {
  "bytes flipped": (rng, bytes) => {
    const changed = Buffer.from(bytes);
    for (let n = 1 + rng.integer(3); n > 0; n--) changed[rng.integer(changed.length)] = rng.integer(256);
    return changed;
  },
  cut: (rng, bytes) => bytes.subarray(0, rng.integer(bytes.length)),
  "bytes left out": (rng, bytes) => {
    const from = rng.integer(bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + rng.integer(40))]);
  },
  "a key removed": (rng, bytes, isLog) => editDocument(rng, bytes, isLog, ({ parent, key }) => {
    if (Array.isArray(parent)) parent.splice(key as number, 1);
    else delete parent[key];
  }),
  "a value of another type": (rng, bytes, isLog) => editDocument(rng, bytes, isLog, ({ parent, key }) => {
    const fields = parent as Record<string | number, unknown>;
    fields[key] = pick(rng, WRONG.filter((wrong) => typeof wrong !== typeof fields[key]));
  }),
  "a line twice": (rng, bytes) => editLines(bytes, (lines) => lines.splice(rng.integer(lines.length), 0, pick(rng, lines))),
  "two lines exchanged": (rng, bytes) => editLines(bytes, (lines) => {
    const [a, b] = [rng.integer(lines.length), rng.integer(lines.length)];
    [lines[a], lines[b]] = [lines[b], lines[a]];
  }),
  "a line left out": (rng, bytes) => editLines(bytes, (lines) => lines.splice(rng.integer(lines.length), 1)),
};

/** Writes a damaged comparison. @returns in words what was done, and the paths that were changed */
function damage(rng: Rng): { readonly kind: string; readonly path: string } {
  const path = pick(rng, [...original.keys()]);
  const kind = pick(rng, [...Object.keys(MUTATIONS), "a file of another arm", "a file of another seed", "a file missing"]);
  const isLog = path.endsWith(".jsonl");
  if (kind === "a file missing") rmSync(join(dir, path));
  else if (kind === "a file of another seed") writeFileSync(join(dir, path), ofOtherSeed.get(path)!);
  else if (kind === "a file of another arm") writeFileSync(join(dir, path), original.get(path.replace(/arms.(\w|-)+/, join("arms", pick(rng, SMALL_COMPARISON.arms))))!);
  else writeFileSync(join(dir, path), MUTATIONS[kind](rng, original.get(path)!, isLog));
  return { kind, path };
}

it("every damage is told by a typed error in one line, or changes nothing that a report says", () => {
  const rng = new Rng(FUZZ_SEED);
  const whole = meaning(readComparison(dir));
  const [untyped, silent]: [string[], string[]] = [[], []];
  const count = { told: 0, equal: 0, otherDigits: 0 };
  for (let n = cases(150, 6000); n > 0; n--) {
    const { kind, path } = damage(rng);
    const name = `${n}: ${kind} in ${relative(".", path)}`;
    try {
      const comparison = readComparison(dir);
      const found = meaning(comparison);
      // Whatever is taken can be reported.
      summaryCsv(comparison);
      layersCsv(comparison);
      formatSummary(comparison);
      if (found === whole) count.equal++;
      // run.json has the checksums of the logs; of the two manifests a digit that became another digit, or a letter, is told
      // only where a second file says the same.
      else if (/bytes/.test(kind) && path.endsWith(".json") && form(found) === form(whole)) count.otherDigits++;
      else silent.push(name);
    } catch (error) {
      // eslint-disable-next-line no-control-regex -- a terminal would obey them
      if (error instanceof ComparisonError && !/[\u0000-\u001f\u007f-\u009f]/.test(error.message)) count.told++;
      else untyped.push(`${name}: ${String(error)}`);
    }
    writeFileSync(join(dir, path), original.get(path)!);
  }
  expect({ untyped, silent }).toEqual({ untyped: [], silent: [] });
  expect(count.told).toBeGreaterThan(count.equal + count.otherDigits);
  if (process.env["LLR_FUZZ"] === "long") console.log(count);
}, 300_000);
