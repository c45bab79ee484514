import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRunFolder, RunFolderError } from "./index.ts";

let root: string;
beforeEach(() => { root = mkdtempSync(join(tmpdir(), "llr-run-")); });
afterEach(() => rmSync(root, { recursive: true, force: true }));

const parameters = [{ name: "fc.weight", layer: "fc", shape: [2, 2] }];
const manifest = { status: "running", config: { lr: 0.1 } } as const;

describe("a run folder", () => {
  it("holds the manifest from the start, and whole lines", () => {
    const folder = createRunFolder(join(root, "a", "b"), manifest, parameters);
    folder.metrics({ step: 1, epoch: 0, loss: NaN, lr: 0.1, gradNorm: Infinity });
    folder.time({ step: 1, what: "step", ms: 2.5 });
    // Readable while the run goes on, as after a crash.
    expect(JSON.parse(readFileSync(join(folder.dir, "run.json"), "utf8"))).toEqual(manifest);
    expect(readFileSync(join(folder.dir, "metrics.jsonl"), "utf8")).toBe('{"step":1,"epoch":0,"loss":"NaN","lr":0.1,"gradNorm":"Infinity"}\n');
    expect(readFileSync(join(folder.dir, "times.jsonl"), "utf8")).toBe('{"step":1,"what":"step","ms":2.5}\n');
    folder.update({ status: "finished", result: { steps: 1 } });
    folder.close();
    const sha256 = (name: string): string => createHash("sha256").update(readFileSync(join(folder.dir, name))).digest("hex");
    const logs = Object.fromEntries(["metrics.jsonl", "times.jsonl", "layers.jsonl"].map((name) => [name, sha256(name)]));
    expect(JSON.parse(readFileSync(join(folder.dir, "run.json"), "utf8"))).toEqual({ status: "finished", config: { lr: 0.1 }, result: { steps: 1 }, logs });
    expect(readdirSync(folder.dir).sort()).toEqual(["layers.jsonl", "metrics.jsonl", "run.json", "times.jsonl"]);
  });

  it("writes all layers before it notes the checksums of the logs", () => {
    const folder = createRunFolder(join(root, "layers"), manifest, parameters);
    const record = { name: "fc.weight", layer: "fc", lr: 1, trust: 1, rate: 1, weightNorm: 1, gradNorm: 1, updateNorm: 1, limitedBy: null, skipped: null };
    folder.layers!(1, [record]);
    folder.update({ status: "finished" });
    const atEnd = readFileSync(join(folder.dir, "layers.jsonl"), "utf8");
    folder.close();
    expect(atEnd.trim().split("\n")).toHaveLength(2);
    expect(readFileSync(join(folder.dir, "layers.jsonl"), "utf8")).toBe(atEnd);
  });

  it("refuses a folder that holds a run, or part of one, and leaves it as it was", () => {
    for (const name of ["run.json", "metrics.jsonl"]) {
      const dir = join(root, name);
      mkdirSync(dir);
      writeFileSync(join(dir, name), "old");
      expect(() => createRunFolder(dir, manifest, parameters)).toThrow(`${dir}: the folder already holds a run (${name}). Choose another with --out; nothing is overwritten.`);
      expect(readdirSync(dir)).toEqual([name]);
      expect(readFileSync(join(dir, name), "utf8")).toBe("old");
    }
  });

  it("refuses a path that is a file, and one that cannot be made", () => {
    const file = join(root, "file");
    writeFileSync(file, "");
    expect(() => createRunFolder(file, manifest, parameters)).toThrow(`${file}: it is not a folder.`);
    expect(() => createRunFolder(join(file, "below"), manifest, parameters)).toThrow(RunFolderError);
    expect(existsSync(join(file, "below"))).toBe(false);
  });
});
