import { glyphs, subset } from "@llr/data";
import { BatchNorm1d, BatchNorm2d, Conv2d, Flatten, Linear, mlp, Module, Sequential } from "@llr/nn";
import { clipByGlobalNorm, sgd } from "@llr/optim";
import { Rng } from "@llr/tensor";
import { describe, expect, it } from "vitest";
import { evaluate, fit, type FitOptions, jsonLine, totalSteps } from "./index.ts";

const rng = new Rng(1);
const images = glyphs({ count: 100, rng: rng.stream("data") });

function makeRun(changes: Partial<FitOptions> = {}) {
  const model = changes.model ?? mlp([64, 12, 10], { rng: rng.stream("init") });
  const lines: { step: number; epoch: number; test?: object; gradNorm: number; clipped?: boolean }[] = [];
  const recorder = { metrics: (record: object) => lines.push(JSON.parse(jsonLine(record)) as (typeof lines)[number]), time: () => {} };
  const options: FitOptions = { model, train: images, batchSize: 10, epochs: 1, rng: new Rng(2), optimizer: sgd(model.parameters(), { lr: 0.1 }), recorder, ...changes };
  return { options, model, lines };
}

describe("a run is refused before its first step", () => {
  it.each<[string, () => Partial<FitOptions>, RegExp]>([
    ["no images", () => ({ train: subset(images, 0) }), /^fit: train, .*, holds no images\. It needs at least one\.$/],
    ["a test set of no images", () => ({ test: subset(images, 0) }), /^fit: test, .* holds no images/],
    ["no epochs", () => ({ epochs: 0 }), /epochs is 0\. It must be a positive integer/],
    ["half an epoch", () => ({ epochs: 1.5 }), /epochs is 1\.5/],
    ["fewer images than a batch, the short one left out", () => ({ batchSize: 128, dropLast: true }), /dropLast leaves no batch: .* holds 100 images, batchSize is 128/],
    ["batches of no images", () => ({ batchSize: 0 }), /size is 0/],
    ["two clipping rules", () => ({ clipNorm: 1, clip: (p) => clipByGlobalNorm(p, { maxNorm: 1 }) }), /two clipping rules/],
    ...[0, -1, 2.5, NaN].map((testEvery): [string, () => Partial<FitOptions>, RegExp] => [`testEvery ${testEvery}`, () => ({ testEvery, test: images }), new RegExp(`testEvery is ${testEvery}\\. It must be a positive integer`)]),
    ["an option that it does not have", () => ({ clipnorm: 1 }) as object, /^fit: clipnorm is not an option\. It knows model, .*clipNorm/],
    ["an optimizer over another model that is built alike", () => ({ optimizer: sgd(mlp([64, 12, 10], { rng }).parameters(), { lr: 0.1 }) }), /the optimizer \(sgd\) holds none of the model's 4 parameters \(fc1\.weight, fc1\.bias \.\.\.\)/],
  ])("%s", async (_, changes, message) => {
    const { options, model, lines } = makeRun(changes());
    const state = model.stateDict();
    await expect(fit(options)).rejects.toMatchObject({ code: "LLR_ARGUMENT", message: expect.stringMatching(message) as string });
    expect(model.stateDict()).toEqual(state);
    expect(lines).toEqual([]);
  });

  it("evaluate refuses an option that it does not have, too", () => {
    expect(() => evaluate(makeRun().model, images, { batchsize: 3 } as object)).toThrow("evaluate: batchsize is not an option");
  });

  it("evaluate refuses no images, too", () => {
    expect(() => evaluate(makeRun().model, subset(images, 0))).toThrow(/^evaluate: .* holds no images\. It needs at least one\.$/);
  });

  describe("a last batch of one image", () => {
    const train = subset(images, 33);
    const flat = () => new Sequential({ flatten: new Flatten(), fc: new Linear(64, 10, { rng }), norm: new BatchNorm1d(10) });
    const planes = () => new Sequential({ conv: new Conv2d(1, 2, 3, { rng }), norm: new BatchNorm2d(2), flatten: new Flatten(), fc: new Linear(72, 10, { rng }) });

    it("on which a layer that normalises over the batch cannot be trained, naming the way out; with dropLast it is left out", async () => {
      const { options, model, lines } = makeRun({ model: flat(), train, batchSize: 32, epochs: 2 });
      const state = model.stateDict();
      await expect(fit(options)).rejects.toThrow(/the last batch of every epoch holds one image \(33 images, batchSize 32\).* Give dropLast: true, or another batchSize\.$/);
      expect(model.stateDict()).toEqual(state);
      expect(await fit({ ...options, dropLast: true })).toMatchObject({ steps: 2, ended: "finished" });
      expect(lines.map(({ step, epoch }) => [step, epoch])).toEqual([[1, 0], [2, 1]]);
    });

    it("is welcome where it can be trained on", async () => {
      expect(await fit(makeRun({ model: planes(), train, batchSize: 32 }).options)).toMatchObject({ steps: 2 });
      expect(await fit(makeRun({ train, batchSize: 32 }).options)).toMatchObject({ steps: 2 });
    });

    it("is not blamed for what no batch can do", async () => {
      class Broken extends Module {
        forward(): never {
          throw new Error("broken in any case");
        }
      }
      const model = new Sequential({ flatten: new Flatten(), fc: new Linear(64, 10, { rng }), broken: new Broken() });
      await expect(fit(makeRun({ model, train, batchSize: 32 }).options)).rejects.toThrow(/^broken in any case$/);
    });
  });
});

describe("the steps of a run", () => {
  it("are those of totalSteps, and evaluations count whole epochs, for any number of both", async () => {
    // 100 epochs of 2 steps; floor(step / steps * epochs) is 28 after epoch 29 in floating point.
    const { options, lines } = makeRun({ train: subset(images, 15), test: subset(images, 1), epochs: 100 });
    expect((await fit(options)).steps).toBe(totalSteps(options));
    expect(lines.filter((line) => line.test).map(({ step, epoch }) => [step, epoch])).toEqual(Array.from({ length: 100 }, (_, e) => [2 * e + 2, e + 1]));
    expect(lines.filter((line) => !line.test).map(({ epoch }) => epoch)).toEqual(Array.from({ length: 200 }, (_, i) => i >> 1));
  });
});

describe("parameters that the optimizer does not hold", () => {
  it("neither move, nor pile up gradients, nor count in the clipping norm", async () => {
    const head = (model: Module) => model.parameters().filter(({ layer }) => layer === "fc2");
    const run = async (frozen: boolean) => {
      const made = makeRun({ epochs: 4, model: mlp([64, 12, 10], { rng: new Rng(3) }) });
      if (frozen) made.model.freeze("fc1");
      const before = made.model.stateDict()["fc1.weight"];
      const seen = new Set<number>();
      await fit({ ...made.options, optimizer: sgd(head(made.model), { lr: 0.1 }), clip: (p) => (seen.add(p.length), clipByGlobalNorm(p, { maxNorm: 0.5 })) });
      expect([...seen]).toEqual([2]);
      expect(made.model.stateDict()["fc1.weight"]).toEqual(before);
      expect(made.model.parameters().every(({ grad }) => grad === null)).toBe(true);
      return made.lines;
    };
    // Frozen parameters have no gradient: the same head learns the same.
    const [free, frozen] = [await run(false), await run(true)];
    expect(free).toEqual(frozen);
    expect(new Set(free.map(({ clipped }) => clipped))).toEqual(new Set([true, false]));
  });
});
