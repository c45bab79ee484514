// Comparisons as a user runs them, on few images.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Rng } from "@llr/tensor";
import { mlp } from "@llr/nn";
import { type LayerSeries, readLayerSeries } from "@llr/train";
import { sandbox } from "../test/llr.ts";
import { readArms } from "../trainingOptions.ts";

const SMALL = ["--model", "mlp", "--images", "320", "--test-images", "100", "--batch-size", "32", "--epochs", "1"];
const box = sandbox();
const llr = (args: readonly string[], onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void) => box.llr(["compare", ...args], onOutput);

const read = (...parts: string[]) => readFileSync(box.path(...parts), "utf8");
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
    // 6 digits: both add up squares in single precision at first, one during the update and one before it, in other orders.
    expect(norms("sgd")[0]).toBeCloseTo(norms("lars")[0]!, 6);
    expect(norms("sgd").at(-1)).not.toBe(norms("lars").at(-1));
    // The norm before the first step is that of the model's own start values.
    const start = mlp([784, 256, 128, 10], { rng: new Rng(1).stream("init") }).parameters()[0].data;
    expect(norms("sgd")[0]).toBeCloseTo(Math.sqrt(Array.from(start).reduce((a, x) => a + x * x, 0)), 6);
    expect(series("one", "sgd").parameters.map((p) => p.layer)).toEqual(["fc1", "fc1", "fc2", "fc2", "fc3", "fc3"]);
  });

  it("an arm that fails is reported as such, and the others go on", async () => {
    // At such rates the plain rule leaves the numbers; LARC and MAD-LLR cap each layer's rate.
    const { code, out } = await llr([...SMALL, "--arms", "sgd,larc", "--rate-scale", "1e6", "--out", "wild"]);
    expect(code).toBe(0);
    expect(out).toMatch(/SGD \+ 1cycle .* not finite\n/);
    expect(out).toMatch(/\nSGD \+ 1cycle: fit: the loss is (NaN|Infinity) in step \d+/);
    expect(JSON.parse(read("wild", "arms", "sgd", "run.json"))).toMatchObject({ status: "failed", result: { verdict: "nonFinite" } });
    expect(JSON.parse(read("wild", "arms", "larc", "run.json"))).toMatchObject({ status: "finished" });
  });

  it("Ctrl-C finishes the steps under way and saves every arm", async () => {
    let sent = false;
    const { code, err } = await llr(["--arms", "sgd,adamw,lars", "--workers", "2", "--out", "stopped"], (text, kill) => {
      if (!sent && /step +\d+/.test(text)) kill("SIGINT");
      sent ||= /step +\d+/.test(text);
    });
    expect(code).toBe(130);
    expect(err).toBe("llr: stopping every arm after its step; Ctrl-C again leaves at once\n");
    expect(JSON.parse(read("stopped", "compare.json"))).toMatchObject({ status: "interrupted" });
    expect(existsSync(box.path("stopped", "arms", "lars"))).toBe(false); // it had not started
    for (const arm of readdirSync(box.path("stopped", "arms"))) {
      expect(JSON.parse(read("stopped", "arms", arm, "run.json"))).toMatchObject({ status: "interrupted" });
      expect(series("stopped", arm).steps).toHaveLength(read("stopped", "arms", arm, "metrics.jsonl").trim().split("\n").length);
    }
  });

  it("a folder that holds a comparison, an unknown arm and one named twice are refused", async () => {
    mkdirSync(box.path("taken"));
    writeFileSync(box.path("taken", "compare.json"), "{}");
    expect(await llr(["--out", "taken"])).toMatchObject({ code: 1, err: "llr: taken: the folder already holds a comparison (compare.json). Choose another with --out; nothing is overwritten.\n" });
    const unknown = await llr(["--arms", "sgd,mad-lr"]);
    expect(unknown.code).toBe(2);
    expect(unknown.err).toMatch(/^llr: .*There is no arm "mad-lr"; the nearest is mad-llr\. Known are sgd, .*layer-ramp\.\n$/);
    expect(() => readArms("sgd,sgd")).toThrow("sgd stands in it twice.");
    expect(readArms("lars, sgd").map((a) => a.name)).toEqual(["lars", "sgd"]);
  });
});
