// Comparisons as a user runs them, on few images.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Rng } from "@llr/tensor";
import { mlp } from "@llr/nn";
import { type LayerSeries, readLayerSeries } from "@llr/train";
import { arms } from "../arms.ts";
import { readArms } from "../commands/compare.ts";
import { formatCsv, formatTable, type Row } from "./table.ts";

const BIN = join(import.meta.dirname, "..", "bin.ts");
const SMALL = ["--model", "mlp", "--images", "320", "--test-images", "100", "--batch-size", "32"];
let root: string;
beforeAll(() => { root = mkdtempSync(join(tmpdir(), "llr-compare-")); });
afterAll(() => rmSync(root, { recursive: true, force: true }));

function llr(args: readonly string[], onOutput: (text: string, kill: () => void) => void = () => {}): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [BIN, "compare", ...args], { cwd: root });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => { out += chunk; onOutput(String(chunk), () => child.kill("SIGINT")); });
    child.stderr.on("data", (chunk: Buffer) => { err += chunk; });
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

const read = (...path: string[]) => readFileSync(join(root, ...path), "utf8");
const series = (dir: string, arm: string): LayerSeries => readLayerSeries(read(dir, "arms", arm, "layers.jsonl"));

describe("llr compare", () => {
  it("gives the same metrics and layer files with one worker and with two", async () => {
    const names = "sgd,lars,mad-llr";
    const [one, two] = [await llr([...SMALL, "--arms", names, "--workers", "1", "--out", "one"]), await llr([...SMALL, "--arms", names, "--workers", "2", "--out", "two"])];
    expect(one).toMatchObject({ code: 0, err: "" });
    expect(two.code).toBe(0);
    for (const arm of names.split(",")) for (const file of ["metrics.jsonl", "layers.jsonl"]) expect(read("one", "arms", arm, file), `${arm} ${file}`).toBe(read("two", "arms", arm, file));
    expect(JSON.parse(read("one", "compare.json"))).toMatchObject({ status: "finished", format: 1, config: { arms: names.split(","), steps: 10, images: 320 } });
    expect(read("one", "summary.csv").split("\n")).toHaveLength(5);
    expect(one.out).toMatch(/SGD \+ 1cycle .* % .*\nLARS .* % .*\nMAD-LLR/);
  });

  it("the arms start from the same weights and go different ways", () => {
    const norms = (arm: string) => series("one", arm).columns.get("fc1.weight")!.weightNorm as number[];
    expect(norms("sgd")[0]).toBe(norms("lars")[0]);
    expect(norms("sgd").at(-1)).not.toBe(norms("lars").at(-1));
    // The norm before the first step is that of the model's own start values.
    const start = mlp([784, 256, 128, 10], { rng: new Rng(1).stream("init") }).parameters()[0].data;
    expect(norms("sgd")[0]).toBeCloseTo(Math.sqrt(Array.from(start).reduce((a, x) => a + x * x, 0)), 10);
    expect(series("one", "sgd").parameters.map((p) => p.layer)).toEqual(["fc1", "fc1", "fc2", "fc2", "fc3", "fc3"]);
  });

  it("an arm that fails is reported as such, and the others go on", async () => {
    // At such rates the plain rule leaves the numbers; LARC and MAD-LLR cap each layer's rate.
    const { code, out } = await llr([...SMALL, "--arms", "sgd,larc", "--rate-scale", "1e9", "--out", "wild"]);
    expect(code).toBe(0);
    expect(out).toMatch(/SGD \+ 1cycle .* failed\n/);
    expect(out).toMatch(/\nSGD \+ 1cycle: fit: the loss is (NaN|Infinity) in step \d+/);
    expect(JSON.parse(read("wild", "arms", "sgd", "run.json"))).toMatchObject({ status: "failed", result: { verdict: "nonFinite" } });
    expect(JSON.parse(read("wild", "arms", "larc", "run.json"))).toMatchObject({ status: "finished" });
  });

  it("Ctrl-C finishes the steps under way and saves every arm", async () => {
    let sent = false;
    const { code, err } = await llr(["--arms", "sgd,adamw,lars", "--workers", "2", "--out", "stopped"], (text, kill) => {
      if (!sent && /step +\d+/.test(text)) kill();
      sent ||= /step +\d+/.test(text);
    });
    expect(code).toBe(130);
    expect(err).toBe("llr: stopping every arm after its step; Ctrl-C again leaves at once\n");
    expect(JSON.parse(read("stopped", "compare.json"))).toMatchObject({ status: "interrupted" });
    expect(existsSync(join(root, "stopped", "arms", "lars"))).toBe(false); // it had not started
    for (const arm of readdirSync(join(root, "stopped", "arms"))) {
      expect(JSON.parse(read("stopped", "arms", arm, "run.json"))).toMatchObject({ status: "interrupted" });
      expect(series("stopped", arm).steps).toHaveLength(read("stopped", "arms", arm, "metrics.jsonl").trim().split("\n").length);
    }
  });

  it("a folder that holds a comparison, an unknown arm and one named twice are refused", async () => {
    mkdirSync(join(root, "taken"));
    writeFileSync(join(root, "taken", "compare.json"), "{}");
    expect(await llr(["--out", "taken"])).toMatchObject({ code: 1, err: "llr: taken: the folder already holds a comparison (compare.json). Choose another with --out; nothing is overwritten.\n" });
    const unknown = await llr(["--arms", "sgd,mad-lr"]);
    expect(unknown.code).toBe(2);
    expect(unknown.err).toMatch(/^llr: .*There is no arm "mad-lr"; the nearest is mad-llr\. Known are sgd, .*layer-ramp\.\n$/);
    expect(() => readArms("sgd,sgd")).toThrow("sgd stands in it twice.");
    expect(readArms("lars, sgd").map((a) => a.name)).toEqual(["lars", "sgd"]);
  });
});

describe("the table", () => {
  const result = (accuracy: number) => ({ steps: 20, ended: "finished", verdict: "stable", trainLoss: 0.1, test: { accuracy, loss: 0.25, count: 100 } }) as const;
  const rows: Row[] = [
    { arm: arms[0], lr: 0.1, outcome: { status: "finished", trainSeconds: 1.25, result: result(0.98), tests: [{ step: 10, test: result(0.97).test }, { step: 20, test: result(0.98).test }] } },
    { arm: arms[2], lr: 8, outcome: { status: "finished", trainSeconds: 2, result: { ...result(0.1), verdict: "diverged" }, tests: [] } },
    { arm: arms[3], lr: 1, outcome: { status: "failed", error: "its process ended early" } },
  ];

  it("shows accuracy, the first tested step at the target, and what became of the training loss", () => {
    const lines = formatTable(rows, 0.97).split("\n");
    expect(lines[1]).toMatch(/^SGD \+ 1cycle +0\.1 +98\.00 % +0\.2500 +1\.3 +10 +stable$/);
    expect(lines[2]).toMatch(/^LARS +8 +10\.00 % +0\.2500 +2\.0 +not reached +diverged$/);
    expect(lines.slice(3)).toEqual([expect.stringMatching(/^LARC .*failed$/), "LARC + 1cycle: its process ended early"]);
  });

  it("says the same in commas", () => {
    expect(formatCsv(rows, 0.975)).toBe("arm,lr,accuracy,testLoss,trainSeconds,stepsToTarget,status,verdict\nsgd,0.1,0.98,0.25,1.25,20,finished,stable\nlars,8,0.1,0.25,2,,finished,diverged\nlarc,1,,,,,failed,failed\n");
  });
});
