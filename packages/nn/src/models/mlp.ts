import { ArgumentError } from "@llr/tensor";
import { describe } from "@llr/tensor/engine";
import { Flatten, ReLU } from "../layers/activations.ts";
import { Linear } from "../layers/linear.ts";
import type { Module } from "../module.ts";
import { Sequential } from "../sequential.ts";
import { checkRoom, checkSizes, drawingOptions } from "../sizes.ts";
import type { ModelOptions } from "./leNet.ts";

/**
 * Fully connected layers fc1, fc2, ... with ReLU between them. Images are flattened first.
 *
 * @param sizes of the layers from input to output, for example [784, 256, 128, 10]
 * @throws ArgumentError for fewer than two sizes
 * @example
 * import { mlp } from "@llr/nn";
 * import { Rng, zeros } from "@llr/tensor";
 * const model = mlp([784, 256, 10], { rng: new Rng(1) });
 * model.forward(zeros([5, 1, 28, 28])).shape // => [5, 10]
 * model.layerNames() // => ["fc1", "fc2"]
 */
export function mlp(sizes: readonly number[], options: ModelOptions): Sequential {
  const { rng, dtype = "f32" } = drawingOptions("mlp", options);
  if (!Array.isArray(sizes) || sizes.length < 2) throw new ArgumentError("mlp", `sizes are ${describe(sizes)}. It needs at least an input and an output size.`);
  checkSizes("mlp", { sizes });
  checkRoom("mlp", { numbers: sizes.reduce((n, size, i) => n + (i === 0 ? 0 : size * (sizes[i - 1] + 1)), 0), parameters: 2 * sizes.length, dtype });
  const layers: Record<string, Module> = { flatten: new Flatten() };
  for (let i = 1; i < sizes.length; i++) {
    if (i > 1) layers[`relu${i - 1}`] = new ReLU();
    layers[`fc${i}`] = new Linear(sizes[i - 1], sizes[i], { rng: rng.stream(`fc${i}`), dtype });
  }
  return new Sequential(layers);
}
