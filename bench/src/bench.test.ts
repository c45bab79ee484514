// That the benchmarks measure what they say; nothing is timed here.
import { describe, expect, it } from "vitest";
import { scope } from "@llr/tensor";
import { readArguments, SUITES } from "./bin.ts";
import { apiStep, makeBare, makeMlp, MLP, randomBatch } from "./steps.ts";

describe("every item does its work", () => {
  it.each(Object.keys(SUITES))("%s", (name) => {
    const { items, races } = SUITES[name]();
    const all = [...items, ...races.flatMap((r) => r.items)];
    expect(all.length).toBeGreaterThan(3);
    expect(new Set(all.map((i) => i.name)).size).toBe(all.length);
    for (const item of all) expect(Number.isFinite(item.run()), item.name).toBe(true);
  });
});

it("the bare kernels compute what the training step computes, to the last bit", () => {
  const batch = randomBatch([MLP.batch, 784]);
  const model = makeMlp();
  const step = apiStep(model, batch);
  const bare = makeBare();
  for (let i = 0; i < 3; i++) expect(bare.step(batch.images, batch.labels)).toBe(scope(step));
  const parameters = model.parameters();
  bare.layers.forEach(({ weight, bias }, i) => {
    expect(weight).toEqual(Float32Array.from(parameters[2 * i].data));
    expect(bias).toEqual(Float32Array.from(parameters[2 * i + 1].data));
  });
});

it("unknown suites and options are refused", () => {
  expect(() => readArguments(["kernel"])).toThrow("unknown suite kernel. usage: npm run bench -- [kernels|steps|optimizers|dispatch ...] [--quick] [--json FILE]");
  expect(() => readArguments(["--fast"])).toThrow("--fast");
  expect(readArguments([])).toEqual({ suites: ["kernels", "steps", "optimizers", "dispatch"], quick: false, json: undefined });
});
