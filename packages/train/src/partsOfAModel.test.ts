// An optimizer knows a parameter by its name at construction; what is done with parts of the model meanwhile changes nothing.
import { backward } from "@llr/autograd";
import { Linear, mlp, type Module, Sequential, summary } from "@llr/nn";
import { clipByGlobalNorm, clipByLayerNorm, sgd, sgdRule, vectors } from "@llr/optim";
import { Rng, sum, tensor } from "@llr/tensor";
import { useGpu } from "@llr/tensor/gpu";
import { describe, expect, it } from "vitest";
import { deviceOptimizer } from "./gpu/index.ts";

function twoTowers(): { left: Module; right: Module; model: Sequential } {
  const [left, right] = [1, 2].map((seed) => mlp([3, 3], { rng: new Rng(seed) }));
  return { left, right, model: new Sequential({ left, right }) };
}

const ASKING: readonly [string, (part: Module) => unknown][] = [
  ["freeze", (part) => part.freeze("fc1.bias")],
  ["unfreeze", (part) => part.unfreeze()],
  ["zeroGrad", (part) => part.zeroGrad()],
  ["stateDict", (part) => part.stateDict()],
  ["loadStateDict", (part) => part.loadStateDict(part.stateDict())],
  ["summary", (part) => summary(part, [3])],
  ["clipByGlobalNorm", (part) => clipByGlobalNorm(part.parameters(), { maxNorm: 1e9 })],
];

describe.each(ASKING)("after %s of parts of the model", (_, ask) => {
  it("state, records and gradients by name are those of construction, and nothing is lost", () => {
    const { left, right, model } = twoTowers();
    const optimizer = sgd(model.parameters(), { lr: 1, momentum: 0.9 });
    const names = ["left.fc1.weight", "left.fc1.bias", "right.fc1.weight", "right.fc1.bias"];
    ask(left);
    ask(right);
    expect(Object.keys(optimizer.stateDict().params)).toEqual(names);
    const bias = left.parameters()[1];
    bias.data.fill(0);
    const records = optimizer.step({ "left.fc1.bias": Float32Array.of(1, 2, 3) });
    expect([...bias.data]).toEqual([-1, -2, -3]);
    expect(records.map((r) => r.name)).toEqual(names);
    expect(records.map((r) => r.skipped)).toEqual(["noGradient", null, "noGradient", "noGradient"]);
    optimizer.loadStateDict(optimizer.stateDict());
    backward(sum(model.forward(tensor([[1, 1, 1]]))));
    expect(clipByLayerNorm(model.parameters(), { maxNorm: 1e9 }).layers.map((l) => l.layer)).toEqual(["left.fc1", "right.fc1"]);
  });
});

describe("a parameter that was renamed by its owner", () => {
  it("keeps its place in the optimizer, also in groups that are made later and in what is saved", () => {
    const data = Float64Array.of(1);
    const w = { name: "a", data, grad: Float64Array.of(1) };
    const optimizer = sgd([w, { name: "b", data: Float64Array.of(1), grad: null }], { lr: 0.5, momentum: 0.9 });
    w.name = "b";
    optimizer.step({ a: Float64Array.of(1) });
    expect([w.data[0], Object.keys(optimizer.stateDict().params), optimizer.groups[0].params.map((p) => p.name)]).toEqual([0.5, ["a", "b"], ["a", "b"]]);
  });

  it("keeps its place on a device, too", async () => {
    const gpu = await useGpu({ engine: "webasm", software: true });
    const body = new Linear(2, 1, { rng: new Rng(1) });
    const model = new Sequential({ body });
    model.moveTo(gpu);
    const optimizer = deviceOptimizer(gpu, sgdRule, model.parameters(), { lr: 0.1, momentum: 0.9, exclude: vectors });
    const [weight] = model.parameters();
    weight.name = "another";
    backward(sum(model.forward(gpu.upload(tensor([[1, 2]])))));
    optimizer.step();
    expect((await optimizer.readRecords()).map((r) => r.name)).toEqual(["body.weight", "body.bias"]);
    const state = await optimizer.stateDict();
    expect(Object.keys(state.params)).toEqual(["body.weight", "body.bias"]);
    optimizer.loadStateDict(state);
  });
});
