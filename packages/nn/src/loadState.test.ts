import { Rng, tensor } from "@llr/tensor";
import { describe, expect, it } from "vitest";
import { BatchNorm1d, Flatten, Linear, lstmLanguageModel, mlp, type ModelState, ModelStateError, readSafetensors, type SavedArray, saveSafetensors, Sequential, weightsOf } from "./index.ts";

const rng = new Rng(1);
const net = () => new Sequential({ flatten: new Flatten(), fc1: new Linear(4, 3, { rng }), norm1: new BatchNorm1d(3), fc2: new Linear(3, 2, { rng }) });
const floats = (...values: number[]): SavedArray => ({ shape: [values.length], data: Float32Array.from(values) });

/** A state as PyTorch saves it: buffers in snake case, the counter a 64-bit integer. */
const fromPyTorch: Record<string, SavedArray> = {
  "norm1.num_batches_tracked": { shape: [], data: BigInt64Array.of(30_000_000n) },
  "fc1.weight": { shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => (i % 5) - 2) },
  "fc1.bias": floats(0.5, -1, 2),
  "norm1.weight": floats(2, 1, -1), "norm1.bias": floats(0, 1, 3), "norm1.running_mean": floats(0.25, -3, 1), "norm1.running_var": floats(4, 1, 0.25),
  "fc2.weight": { shape: [2, 3], data: Float32Array.of(1, 2, 3, -1, 0.5, 2) },
  "fc2.bias": floats(0, 10),
};

describe("a state of PyTorch", () => {
  it("loads by its own names, and the model gives what the formulas give", () => {
    const model = net();
    const report = model.loadStateDict(weightsOf(readSafetensors(saveSafetensors(fromPyTorch))));
    expect(report).toEqual({ loaded: Object.keys(model.stateDict()), missing: [], unexpected: [] });
    const at = (name: string) => [...(fromPyTorch[name].data as Float32Array)];
    const linear = (name: string, x: number[]) => at(`${name}.bias`).map((b, i) => b + x.reduce((sum, xj, j) => sum + xj * at(`${name}.weight`)[i * x.length + j], 0));
    const h = linear("fc1", [1, -2, 3, 0.5]);
    const normed = h.map((x, i) => ((x - at("norm1.running_mean")[i]) / Math.sqrt(at("norm1.running_var")[i] + 1e-5)) * at("norm1.weight")[i] + at("norm1.bias")[i]);
    const y = model.forward(tensor([[1, -2, 3, 0.5]])).toArray();
    linear("fc2", normed).forEach((expected, i) => expect(y[i]).toBeCloseTo(expected, 4)); // six digits of float32, values up to 30
  });

  it("is written as PyTorch reads it, to the byte, counters as 64-bit integers", () => {
    const model = net();
    model.loadStateDict(weightsOf(readSafetensors(saveSafetensors(fromPyTorch))));
    const written = model.stateDict({ names: "pytorch" });
    expect(written["norm1.num_batches_tracked"]).toEqual(fromPyTorch["norm1.num_batches_tracked"]);
    expect(Object.fromEntries(readSafetensors(saveSafetensors(written)).tensors)).toEqual(Object.fromEntries(readSafetensors(saveSafetensors(fromPyTorch)).tensors));
  });

  it("may hold one array by two names, if they agree", () => {
    const model = net();
    const both = (mean: number) => ({ ...model.stateDict(), "norm1.running_mean": { shape: [3], data: new Float32Array(3).fill(mean) } });
    model.loadStateDict(both(0));
    expect(() => model.loadStateDict(both(1))).toThrow("the state holds norm1.runningMean and norm1.running_mean, which are one array in the model, with different numbers");
  });

  it("names the weight of a tied decoder twice, and so is it written", () => {
    const model = lstmLanguageModel({ tokens: 5, features: 4, hidden: 4, layers: 1, tied: true, rng });
    const written = model.stateDict({ names: "pytorch" });
    const twice = Object.keys(written).filter((name) => written[name].shape.join() === "5,4");
    expect(twice).toHaveLength(2);
    expect(Object.keys(model.stateDict())).not.toContain(twice[1]);
    expect(model.loadStateDict(written as ModelState).loaded).toEqual(Object.keys(model.stateDict()));
  });

  it("keeps counters exact beyond the whole numbers that float32 holds", () => {
    const model = new BatchNorm1d(1);
    const state = model.stateDict({ names: "pytorch" });
    const count = { shape: [], data: BigInt64Array.of(2n ** 24n + 1n) };
    model.loadStateDict(weightsOf(readSafetensors(saveSafetensors({ ...state, num_batches_tracked: count }))));
    model.forward(tensor([[1], [2]]), { training: true });
    expect(model.stateDict({ names: "pytorch" })["num_batches_tracked"].data).toEqual(BigInt64Array.of(2n ** 24n + 2n));
  });

  it("that goes through a file in our own spelling keeps its counter, too", () => {
    const [model, other] = [net(), net()];
    for (let i = 0; i < 3; i++) model.forward(tensor([[1, 2, 3, 4], [4, 3, 2, 0]]), { training: true });
    other.loadStateDict(weightsOf(readSafetensors(saveSafetensors(model.stateDict()))));
    expect(other.stateDict()).toEqual(model.stateDict());
    expect(other.stateDict()["norm1.numBatchesTracked"].data[0]).toBe(3);
  });
});

describe("loading a trained body under a new head", () => {
  const trained = () => mlp([4, 3, 5], { rng: new Rng(2) });

  it("takes all but the layers that are excepted, of whatever shape they are, and says what was left out", () => {
    for (const classes of [2, 5]) {
      const [body, model] = [trained(), mlp([4, 3, classes], { rng: new Rng(3) })];
      const before = model.stateDict();
      expect(model.loadStateDict(body.stateDict(), { except: ["fc2"] })).toEqual({ loaded: ["fc1.weight", "fc1.bias"], missing: ["fc2.weight", "fc2.bias"], unexpected: ["fc2.weight", "fc2.bias"] });
      expect(model.stateDict()).toEqual({ ...before, "fc1.weight": body.stateDict()["fc1.weight"], "fc1.bias": body.stateDict()["fc1.bias"] });
    }
  });

  it("takes a head of another name, and a state that lacks one", () => {
    const model = new Sequential({ flatten: new Flatten(), fc1: new Linear(4, 3, { rng }), head: new Linear(3, 7, { rng }) });
    expect(model.loadStateDict(trained().stateDict(), { except: ["head.*", "fc2.*"] })).toEqual({ loaded: ["fc1.weight", "fc1.bias"], missing: ["head.weight", "head.bias"], unexpected: ["fc2.weight", "fc2.bias"] });
  });

  it("understands both spellings of a buffer", () => {
    for (const except of ["norm1.num_batches_tracked", "*.numBatchesTracked"]) {
      const old = Object.entries(fromPyTorch).filter(([, { data }]) => data instanceof Float32Array); // PyTorch 0.4 had no counter
      expect(net().loadStateDict(Object.fromEntries(old) as ModelState, { except })).toMatchObject({ missing: ["norm1.numBatchesTracked"], unexpected: [] });
      expect(net().loadStateDict(weightsOf(readSafetensors(saveSafetensors(fromPyTorch))), { except }).unexpected).toEqual(["norm1.num_batches_tracked"]);
    }
  });

  it("refuses an option that it does not have", () => {
    const model = net();
    expect(() => model.loadStateDict(model.stateDict(), { exept: "fc2" } as object)).toThrow("exept is not an option. It knows except and nonFinite.");
  });

  it.each<[string, (state: ModelState) => ModelState, string | readonly string[] | undefined, RegExp]>([
    ["a layer too many, naming the way out", (s) => s, undefined, /fc2\.weight has shape \[2, 3\], the saved one \[5, 3\].*\{ except: "fc2\.weight" \}/],
    ["a name that fits nothing", (s) => s, ["fc2", "head"], /except, head, fits nothing of the model or the state/],
    ["what is excepted in part only", (s) => s, "fc2.weight", /fc2\.bias has shape \[2\]/],
    ["a name that is a number", (s) => s, 3 as never, /except holds 3/],
    ["a missing entry", (s) => Object.fromEntries(Object.entries(s).filter(([name]) => name !== "fc1.bias")), "fc2", /the state lacks fc1\.bias\..*\{ except: "fc1\.bias" \}/],
    ["an unknown entry", (s) => ({ ...s, extra: s["fc1.bias"] }), "fc2", /the state holds extra, .*\{ except: "extra" \}/],
  ])("refuses %s, before anything is written", (_, change, except, message) => {
    const model = mlp([4, 3, 2], { rng: new Rng(3) });
    const before = model.stateDict();
    const load = () => model.loadStateDict(change(trained().stateDict()), except === undefined ? {} : { except });
    expect(load).toThrow(ModelStateError);
    expect(load).toThrow(message);
    expect(model.stateDict()).toEqual(before);
  });
});
