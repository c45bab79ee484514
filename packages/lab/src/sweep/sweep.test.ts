import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { arms } from "../arms.ts";
import { sandbox } from "../test/llr.ts";
import { readSweptRates } from "./readSweep.ts";
import { bestFactors, formatSweep, sweepCsv, type TrialResult } from "./table.ts";

const box = sandbox();
const SMALL = ["sweep", "--model", "mlp", "--images", "320", "--hold-out", "100", "--batch-size", "32", "--epochs", "1", "--seeds", "1"];

describe("llr sweep", () => {
  it("trains every arm with every rate, on training images that it does not test on", async () => {
    const { code, err, out } = await box.llr([...SMALL, "--arms", "sgd,larc", "--factors", "2,0.5", "--out", "s"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/2 arms x 2 rates x 1 seeds on mlp: 4 trainings of 10 steps/);
    expect(out).toMatch(/^arm +x 0\.5 +x 2 +best rate\nSGD \+ 1cycle +\d.*\nLARC/m);
    expect(readFileSync(box.path("s", "sweep.csv"), "utf8").trim().split("\n")).toHaveLength(5);
    const run = JSON.parse(readFileSync(box.path("s", "runs", "sgd", "x2", "seed1", "run.json"), "utf8")) as { config: object; result: { test: { count: number } } };
    expect(run).toMatchObject({ config: { holdOut: 100, lr: 2 * arms[0].lr }, result: { test: { count: 100 } } });
    // The header only: seventy runs with every layer's numbers would fill the disk.
    expect(readFileSync(box.path("s", "runs", "sgd", "x2", "seed1", "layers.jsonl"), "utf8").trim().split("\n")).toHaveLength(1);
  });

  it("hands its rates to compare, which trains the arms of the sweep and warns only where the training is another", async () => {
    const best = Object.fromEntries([...readSweptRates(box.path("s")).best].map(([arm, { lr }]) => [arm, lr]));
    const same = ["compare", "--rates", "s", "--model", "mlp", "--batch-size", "32", "--epochs", "1", "--images", "320", "--test-images", "100"];
    const { code, err, out } = await box.llr([...same, "--out", "c"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).not.toContain("another training");
    expect(JSON.parse(readFileSync(box.path("c", "compare.json"), "utf8"))).toMatchObject({
      config: { arms: ["sgd", "larc"], rates: [best["sgd"], best["larc"]] },
      rateSource: { from: "s", scale: 1, foundFor: { model: "mlp", dataset: "mnist", epochs: 1, batchSize: 32, images: 320 } },
    });
    const other = await box.llr([...same, "--arms", "larc", "--batch-size", "64", "--out", "d"]);
    expect(other.out).toMatch(/^warning: The rates were found for another training \(s\): mlp on 320 images/m);
  });

  it("refuses to hand over rates of an arm that it does not have, of an unfinished sweep and of no sweep", async () => {
    const refused = async (args: string[]) => (await box.llr(["compare", ...args, "--out", "none"])).err;
    expect(await refused(["--rates", "s", "--arms", "sgd,lars"])).toMatch(/^llr: s: the sweep has no rate for lars\. It has sgd, larc: /);
    expect(await refused(["--rates", "nowhere"])).toMatch(/^llr: nowhere: there is no sweep\.json in it\./);
    mkdirSync(box.path("half"));
    writeFileSync(box.path("half", "sweep.json"), readFileSync(box.path("s", "sweep.json"), "utf8").replace('"finished"', '"interrupted"'));
    expect(await refused(["--rates", "half"])).toMatch(/^llr: half: the sweep is "interrupted"\. --rates needs a finished one/);
    expect(existsSync(box.path("none"))).toBe(false);
  });

  it("refuses factors that are no rates, before anything is written", async () => {
    for (const [factors, problem] of [["0,1", '"0" is no number from 1e-6 to 1e6.'], ["1,fast", '"fast" is no number from 1e-6 to 1e6.'], ["1,1", "A factor stands in it twice."]]) {
      const { code, err } = await box.llr([...SMALL, "--factors", factors, "--out", "none"]);
      expect(code).toBe(2);
      expect(err).toContain(problem);
    }
    expect(existsSync(box.path("none"))).toBe(false);
  });
});

describe("the table of a sweep", () => {
  const trial = (factor: number, seed: number, accuracy: number | null, verdict = "stable"): TrialResult => ({ arm: "sgd", label: "SGD", factor, lr: 0.1 * factor, seed, accuracy, loss: 0.1, verdict });

  it("the best rate has the largest mean accuracy, and a training that broke off counts as guessing", () => {
    const results = [trial(1, 1, 0.9), trial(1, 2, 0.8), trial(2, 1, 0.99), trial(2, 2, null, "nonFinite"), trial(4, 1, 0.1), trial(4, 2, 0.1)];
    expect(bestFactors(results)).toMatchObject([{ factor: 1, lr: 0.1, edge: "smallest" }]);
    expect(formatSweep(results).split("\n")[1]).toBe("SGD  85.00*  54.50!  10.00        0.1");
  });

  it("of equal rates the smallest is taken, and one inside the range has no edge", () => {
    expect(bestFactors([trial(0.5, 1, 0.8), trial(1, 1, 0.9), trial(2, 1, 0.9), trial(4, 1, 0.7)])).toMatchObject([{ factor: 1, edge: null }]);
  });

  it("crowns no rate at which no seed learned, and says of each what became of its seeds", () => {
    const dead = [trial(1, 1, 0.1, "neverLearned"), trial(1, 2, 0.11, "collapsed"), trial(2, 1, 0.12, "collapsed"), trial(2, 2, 0.12, "collapsed")];
    expect(bestFactors(dead)).toMatchObject([{ edge: null }]);
    const lines = formatSweep(dead).split("\n");
    expect(lines[1]).toBe("SGD  10.50!  12.00!  none learned");
    expect(lines.slice(-2)).toEqual(["! SGD x 1: 1 never learned, 1 collapsed", "! SGD x 2: 2 collapsed"]);
    expect(formatSweep([trial(1, 1, 0.9)])).not.toContain("!");
  });

  it("says the same in commas, and says so when nothing finished", () => {
    expect(sweepCsv([trial(2, 1, null, "nonFinite")])).toBe("arm,factor,lr,seed,accuracy,loss,verdict\nsgd,2,0.2,1,,0.1,nonFinite\n");
    expect(formatSweep([])).toBe("no training finished");
  });
});
