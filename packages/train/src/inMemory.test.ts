import { glyphs } from "@llr/data";
import { mlp } from "@llr/nn";
import { sgdRule } from "@llr/optim";
import { Rng } from "@llr/tensor";
import { useGpu } from "@llr/tensor/gpu";
import { expect, test } from "vitest";
import { evaluate } from "./evaluate.ts";
import { fit } from "./fit.ts";
import { deviceOptimizer } from "./gpu/deviceOptimizer.ts";

const gpu = await useGpu({ engine: "webasm", software: true });
const rng = new Rng(1);
const images = glyphs({ count: 20, rng: rng.stream("data") });

test("fit and evaluate refuse a model on a device before they compute, and say what to do; back in memory it is welcome", async () => {
  const model = mlp([64, 10], { rng: rng.stream("init") });
  model.moveTo(gpu);
  const before = gpu.memory().kernels;
  // A program without types can hand this optimizer over.
  const optimizer = deviceOptimizer(gpu, sgdRule, model.parameters(), { lr: 0.1 }) as never;
  await expect(fit({ model, optimizer, rng, train: images, batchSize: 10, epochs: 1 })).rejects.toThrow(/^fit: the model lies on .* \(fc1\.weight\).*await model\.moveFrom\(gpu\).*@llr\/train\/gpu/);
  expect(() => evaluate(model, images)).toThrow(/^evaluate: the model lies on .*await model\.moveFrom\(gpu\).*forward/);
  expect(gpu.memory().kernels).toBe(before);
  await model.moveFrom(gpu);
  expect(evaluate(model, images).count).toBe(20);
});
