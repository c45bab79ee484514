// Commands started at once into one folder: one gets it, the other is refused by name, and nothing is mixed.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cases } from "../../../tools/fuzz.ts";
import { claimFolder, isWorkedOn, makeNamed, refuseTaken } from "./resultFolder.ts";
import { startTree } from "./test/processes.ts";

let root = "";
beforeAll(() => { root = mkdtempSync(join(tmpdir(), "llr-folders-")); });
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SMALL = ["--model", "mlp", "--images", "320", "--batch-size", "32", "--epochs", "1"];
const COMMANDS = {
  train: (seed: number) => ["train", ...SMALL, "--test-images", "100", "--seed", `${seed}`],
  compare: (seed: number) => ["compare", ...SMALL, "--test-images", "100", "--arms", "sgd", "--seed", `${seed}`],
  sweep: (seed: number) => ["sweep", ...SMALL, "--hold-out", "100", "--arms", "sgd", "--factors", "1", "--seeds", `${seed}`],
};
const json = (...parts: readonly string[]) => JSON.parse(readFileSync(join(...parts), "utf8")) as { status: string; config: { seed?: number; seeds?: number } };

describe("two commands in one folder", () => {
  const pairs = (["compare", "train", "sweep"] as const).flatMap((one, i, all) => [[one, one], [one, all[(i + 1) % 3]]] as const);

  it.each(Array.from({ length: cases(2, 20) }, (_, i) => [i, ...pairs[i % pairs.length]] as const))("pair %i: of %s and %s one gets it", async (i, one, two) => {
    const dir = join(root, `${i}`);
    const ends = await Promise.all([startTree("bin", [...COMMANDS[one](1), "--out", dir]).ended, startTree("bin", [...COMMANDS[two](2), "--out", dir]).ended]);
    expect(ends.map((end) => end.code).sort(), ends.map((end) => end.err).join("")).toEqual([0, 1]);
    const winner = ends.findIndex((end) => end.code === 0);
    const refusal = ends[1 - winner].err.split("\n");
    expect(refusal).toHaveLength(2);
    expect(refusal[0]).toMatch(/^llr: /);
    expect(refusal[0]).toContain(dir);
    const file = { compare: "compare.json", train: "run.json", sweep: "sweep.json" }[[one, two][winner]];
    const { status, config } = json(dir, file);
    expect({ status, seed: config.seed ?? config.seeds }).toEqual({ status: "finished", seed: winner + 1 });
    const files = readdirSync(dir, { recursive: true, encoding: "utf8" });
    for (const run of files.filter((name) => name.endsWith("run.json"))) if (file !== "sweep.json") expect(json(dir, run).config.seed).toBe(winner + 1);
    expect(files.filter((name) => name.endsWith("metrics.jsonl"))).toHaveLength(file === "sweep.json" ? winner + 1 : 1);
    expect(files.filter((name) => name.endsWith(".partial"))).toEqual([]);
  }, 300_000);
});

describe("a folder of results", () => {
  const place = (name: string, more: object = {}) => ({ out: join(root, name), name: "compare-mlp-seed1", holding: "a comparison", ...more });

  it("of a default name is never shared, also within one second", () => {
    const now = new Date(2026, 2, 1, 14, 15, 30);
    const names = [1, 2, 3].map(() => makeNamed(join(root, "runs"), "compare-mlp-seed1", now));
    expect(names).toEqual(["", "-2", "-3"].map((counter) => join(root, "runs", `compare-mlp-seed1-2026-03-01-141530${counter}`)));
  });

  it("belongs to its process while that lives, and a sweep that was broken off can be taken over, once", () => {
    const { dir } = claimFolder(place("owned", { resumes: "sweep.json" }), "sweep");
    expect(isWorkedOn(dir)).toBe(true);
    expect(() => claimFolder(place("owned", { resumes: "sweep.json" }), "sweep")).toThrow(`the folder belongs to llr sweep, process ${process.pid}`);
    // The same number, but a process that began at another time: it has been given to somebody else.
    const owner = JSON.parse(readFileSync(join(dir, "owner-1.json"), "utf8")) as object;
    writeFileSync(join(dir, "owner-1.json"), JSON.stringify({ ...owner, began: "1" }));
    if (process.platform !== "linux") return;
    expect(isWorkedOn(dir)).toBe(false);
    writeFileSync(join(dir, "sweep.json"), "{}");
    expect(claimFolder(place("owned", { resumes: "sweep.json" }), "sweep").isResumed).toBe(true);
    expect(() => claimFolder(place("owned", { resumes: "sweep.json" }), "sweep")).toThrow("(owner-2.json)");
  });

  it("is refused if it holds a part of any result, also as a symbolic link that leads nowhere, and left as it was", () => {
    for (const name of ["sweep.json", "run.json", "report.html", "arms"]) {
      const dir = join(root, `holds-${name}`);
      mkdirSync(dir);
      symlinkSync("/nowhere", join(dir, name));
      expect(() => refuseTaken({ ...place(`holds-${name}`), out: dir })).toThrow(`(${name}). Choose another with --out; nothing is overwritten.`);
      expect(() => claimFolder(place(`holds-${name}`), "compare")).toThrow(`(${name})`);
      expect(readdirSync(dir)).toEqual([name]);
    }
  });
});
