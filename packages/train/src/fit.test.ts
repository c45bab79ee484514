import { describe, expect, it } from "vitest";
import { backward } from "@llr/autograd";
import { glyphs, subset } from "@llr/data";
import { BatchNorm1d, Flatten, Linear, mlp, Module, Sequential } from "@llr/nn";
import { adamW, clipAdaptively, clipByGlobalNorm, lars, oneCycle, sgd } from "@llr/optim";
import { add, crossEntropy, memoryStats, mul, Rng, scope, sqrt, type Tensor, tensor } from "@llr/tensor";
import type { FitOptions, Recorder } from "./index.ts";
import { evaluate, fit, jsonLine, NonFiniteError, NonFiniteGradientError, NonFiniteLossError, simdUpdates, totalSteps } from "./index.ts";

function makeRun({ seed = 1, ...changes }: Partial<FitOptions> & { seed?: number; lr?: number } = {}) {
  const rng = new Rng(seed);
  const model = mlp([64, 24, 10], { rng: rng.stream("init") });
  const data = { train: glyphs({ count: 400, rng: rng.stream("train") }), batchSize: 32, epochs: 3 };
  const cycle = oneCycle({ peak: 0.2, steps: totalSteps(data) });
  const lines: string[] = [];
  const recorder: Recorder = { metrics: (r) => lines.push(jsonLine(r)), time: () => {} };
  const options: FitOptions = { ...data, test: glyphs({ count: 100, rng: rng.stream("test") }), model, rng, optimizer: sgd(model.parameters(), { ...cycle, weightDecay: 1e-4 }), recorder, ...changes };
  return { options, lines, model };
}

describe("fit", () => {
  it("learns, evaluates after each epoch, and records every step", async () => {
    const { options, lines } = makeRun();
    const result = await fit(options);
    expect(result).toMatchObject({ steps: 39, ended: "finished", verdict: "stable" });
    expect(result.test!.accuracy).toBeGreaterThan(0.9);
    const records = lines.map((line) => JSON.parse(line) as { step: number; test?: object });
    expect(records.filter((r) => r.test)).toHaveLength(3);
    expect(records.filter((r) => !r.test).map((r) => r.step)).toEqual(Array.from({ length: 39 }, (_, i) => i + 1));
  });

  it("records the share of each batch that was right before the update: that of evaluate on the same images", async () => {
    const { options, lines, model } = makeRun();
    const train = subset(options.train, 50);
    const before = evaluate(model, train).accuracy;
    await fit({ ...options, train, batchSize: 50, epochs: 1 });
    expect((JSON.parse(lines[0]) as { accuracy: number }).accuracy).toBe(before);
    expect(before).toBeLessThan(1);
  });

  it("names the parameters whose rate is far above their layer's", async () => {
    const { options, model } = makeRun();
    const healthy = await fit(options);
    expect(healthy.warnings).toEqual([]);
    const result = await fit({ ...options, epochs: 2, optimizer: lars(model.parameters(), { lr: 10 }) });
    expect(result.warnings.filter((w) => w.kind === "rateAboveLayer").map((w) => w.parameter)).toEqual(["fc1.bias", "fc2.bias"]);
  });

  it("a run that breaks off names the rates that were too large before", async () => {
    const { options, model } = makeRun({ epochs: 20 });
    const optimizer = lars(model.parameters(), { lr: (t) => (t < 40 ? 10 : 1e30) });
    const error = await fit({ ...options, optimizer }).catch((error: unknown) => error as NonFiniteError);
    expect(error).toBeInstanceOf(NonFiniteError);
    expect((error as NonFiniteError).warnings.filter((w) => w.kind === "rateAboveLayer").map((w) => w.parameter)).toEqual(["fc1.bias", "fc2.bias"]);
  });

  it("the same seed gives the same metrics to the last bit, another seed others", async () => {
    const metrics = async (seed: number) => {
      const { options, lines } = makeRun({ seed });
      await fit(options);
      return lines.join("");
    };
    expect(await metrics(1)).toBe(await metrics(1));
    expect(await metrics(1)).not.toBe(await metrics(2));
  });

  it("stops after the step in which it is asked to, with whole records", async () => {
    const { options, lines } = makeRun();
    const result = await fit({ ...options, shouldStop: () => lines.length >= 5 });
    expect(result).toMatchObject({ steps: 5, ended: "stopped", test: null });
    expect(lines).toHaveLength(5);
  });

  it("waits for onStep, so that an event loop gets its turn", async () => {
    const order: string[] = [];
    const { options } = makeRun({ epochs: 1 });
    await fit({
      ...options,
      onStep: async ({ step }) => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`waited ${step}`);
      },
      recorder: { metrics: (r) => "loss" in r && order.push(`step ${r.step}`), time: () => {} },
    });
    expect(order.slice(0, 4)).toEqual(["step 1", "waited 1", "step 2", "waited 2"]);
  });

  it("evaluates as often as asked, once an epoch unless asked, and always after the last step", async () => {
    const { options, lines } = makeRun(); // 13 steps an epoch
    await fit(options);
    const { options: more, lines: moreLines } = makeRun();
    await fit({ ...more, testEvery: 10 });
    const testedAt = (all: string[]) => all.map((l) => JSON.parse(l) as { step: number; test?: object }).filter((r) => r.test).map((r) => r.step);
    expect(testedAt(lines)).toEqual([13, 26, 39]);
    expect(testedAt(moreLines)).toEqual([10, 20, 30, 39]);
    // Looking does not change what is learned.
    const learned = (all: string[]) => all.filter((l) => !l.includes("test"));
    expect(learned(moreLines)).toEqual(learned(lines));
  });

  it("clips the gradients' common norm and says how often", async () => {
    const { options, lines } = makeRun();
    await fit({ ...options, clipNorm: 0.05 });
    const first = JSON.parse(lines[0]) as { gradNorm: number; clipped: boolean };
    expect(first.clipped).toBe(true);
    expect(first.gradNorm).toBeGreaterThan(0.05); // as it was before clipping
  });

  it("clips by any rule that it is given, and records what that reports", async () => {
    const byNorm = makeRun();
    await fit({ ...byNorm.options, clipNorm: 0.05 });
    const byRule = makeRun();
    await fit({ ...byRule.options, clip: (parameters) => clipByGlobalNorm(parameters, { maxNorm: 0.05 }) });
    expect(byRule.lines).toEqual(byNorm.lines);
    const adaptive = makeRun();
    await fit({ ...adaptive.options, clip: (parameters) => clipAdaptively(parameters, { clipping: 0.5 }) });
    const steps = adaptive.lines.map((line) => JSON.parse(line) as { clipped?: boolean; test?: object }).filter((r) => !r.test);
    expect(new Set(steps.map((r) => r.clipped))).toEqual(new Set([true, false]));
  });

  it("stops at a loss that is no number, before the update, naming where it came from", async () => {
    const { options, model } = makeRun();
    const [, bias] = model.parameters();
    bias.data[3] = NaN;
    const weights = [...model.parameters()[0].data];
    const failure = fit(options);
    await expect(failure).rejects.toThrow("fit: the loss is NaN in step 1; the first numbers that are not finite are in the result of relu. Lower the rate, lengthen the warm-up, or clip the gradients.");
    await expect(failure).rejects.toBeInstanceOf(NonFiniteLossError);
    expect([...model.parameters()[0].data]).toEqual(weights);
  });

  it.each<[string, number, string]>([
    ["the loss on the test set", 1e30, "the test loss is"], ["a weight", 1e300, "fc1.weight holds a number that is not finite"],
  ])("a run whose last update made %s no number has the verdict nonFinite, though every loss of training was one", async (_, lr, problem) => {
    const { options, model, lines } = makeRun({ epochs: 1 });
    const result = await fit({ ...options, optimizer: sgd(model.parameters(), { lr: (t) => (t === 12 ? lr : 0.1) }) });
    expect(result).toMatchObject({ steps: 13, ended: "finished", verdict: "nonFinite", problem: expect.stringContaining(problem) as string });
    expect(lines.filter((line) => !line.includes("test")).every((line) => Number.isFinite((JSON.parse(line) as { loss: number }).loss))).toBe(true);
  });

  it("knows a run that learned nothing by the shares of the classes", async () => {
    const { options, model } = makeRun();
    expect(await fit({ ...options, optimizer: sgd(model.parameters(), { lr: 0 }) })).toMatchObject({ verdict: "neverLearned", problem: null });
  });

  describe("a gradient that is not finite", () => {
    /** x itself, with the infinite slope of a root at 0. */
    class Root extends Module {
      forward(x: Tensor): Tensor {
        return add(x, sqrt(mul(x, 0)));
      }
    }
    const broken = () => {
      const rng = new Rng(1);
      return new Sequential({ flatten: new Flatten(), fc1: new Linear(64, 24, { rng }), norm: new BatchNorm1d(24), fc2: new Linear(24, 24, { rng }), root: new Root(), fc3: new Linear(24, 10, { rng }) });
    };
    const run = async (optimizerOf: (model: Module) => FitOptions["optimizer"], more: Partial<FitOptions> = {}) => {
      const model = broken();
      const before = model.parameters().map((p) => [...p.data]);
      const { options, lines } = makeRun({ model, optimizer: optimizerOf(model), ...more });
      const outcome: unknown = await fit(options).catch((error: unknown) => error);
      return { outcome, lines, isUntouched: model.parameters().every((p, i) => p.data.every((w, j) => w === before[i][j])), finite: model.parameters().every((p) => p.data.every(Number.isFinite)) };
    };
    const message = "fit: the norm of the gradient of fc2.bias is NaN in step 1. Lower the rate, lengthen the warm-up, or look at what follows fc2.bias.";

    it.each<[string, Partial<FitOptions>]>([
      ["without clipping", {}], ["by clipNorm", { clipNorm: 1 }], ["by a clipping rule", { clip: (parameters) => clipAdaptively(parameters) }],
    ])("stops the run before the update, naming the parameter nearest the loss: %s", async (_, more) => {
      const { outcome, lines, isUntouched } = await run((model) => adamW(model.parameters(), { lr: 0.01 }), more);
      expect(outcome).toBeInstanceOf(NonFiniteGradientError);
      expect(outcome).toMatchObject({ message, code: "LLR_NON_FINITE_GRADIENT", step: 1, param: "fc2.bias", layer: "fc2" });
      expect(isUntouched).toBe(true);
      expect(lines).toEqual([]);
    });

    it("is found after the update by kernels that measure on their way, unless gradients are clipped or the optimizer is to throw", async () => {
      const compiled = await run((model) => adamW(model.parameters(), { lr: 0.01, kernels: simdUpdates }));
      expect(compiled.outcome).toMatchObject({ message: `${message} The update has used it: go back to a saved state.`, param: "fc2.bias" });
      expect(compiled.isUntouched).toBe(false);
      const clipped = await run((model) => adamW(model.parameters(), { lr: 0.01, kernels: simdUpdates }), { clipNorm: 1 });
      expect(clipped).toMatchObject({ outcome: { message }, isUntouched: true });
      const thrown = await run((model) => adamW(model.parameters(), { lr: 0.01, kernels: simdUpdates, nonFinite: "throw" }));
      expect(thrown).toMatchObject({ outcome: { code: "LLR_GRADIENT" }, isUntouched: true });
    });

    it.each<[string, Partial<FitOptions>]>([["without clipping", {}], ["with", { clipNorm: 1 }]])("is left out if the optimizer is to skip it: %s", async (_, more) => {
      const { outcome, finite } = await run((model) => adamW(model.parameters(), { lr: 0.01, nonFinite: "skip" }), more);
      expect(outcome).toMatchObject({ steps: 39, ended: "finished" });
      expect(finite).toBe(true);
    });
  });
});

describe("evaluate", () => {
  it("weighs a short last batch by its size", () => {
    const { options, model } = makeRun();
    const data = subset(options.test!, 70);
    const whole = evaluate(model, data, { batchSize: 70 });
    const parts = evaluate(model, data, { batchSize: 32 });
    expect(parts.accuracy).toBe(whole.accuracy);
    expect(parts.loss).toBeCloseTo(whole.loss, 6); // the same sum in another order, rounded to float32 once a batch
    expect(parts.count).toBe(70);
  });
});

describe("memory", () => {
  it("10,000 steps of a small model leave the tensors' memory and the heap flat", () => {
    const rng = new Rng(3);
    const model = mlp([8, 16, 4], { rng });
    const optimizer = adamW(model.parameters(), { lr: 1e-3 });
    const images = Float32Array.from({ length: 8 * 8 }, () => rng.normal());
    const labels = Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3);
    const step = () => scope(() => {
      const loss = crossEntropy(model.forward(tensor(images, [8, 8]), { training: true }), tensor(labels));
      optimizer.zeroGrad();
      backward(loss);
      optimizer.step();
      return loss.item();
    });
    const measure = (steps: number) => {
      for (let i = 0; i < steps; i++) step();
      globalThis.gc!();
      const { heapUsed, external } = process.memoryUsage();
      return { ...memoryStats(), heap: heapUsed + external };
    };
    const early = measure(1_000);
    const late = measure(9_000);
    expect({ ...late, heap: 0 }).toEqual({ ...early, heap: 0 }); // live bytes, peak, blocks and reserved bytes: equal
    expect(late.heap - early.heap).toBeLessThan(2 ** 20);
  });
});
