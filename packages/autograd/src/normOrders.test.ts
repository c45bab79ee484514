import { describe, expect, it } from "vitest";
import {
  adaptiveAvgPool2d, adaptiveMaxPool2d, avgPool1d, avgPool2d, batchNorm, batchNormInference, conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, groupNorm, instanceNorm, layerNorm,
  localResponseNorm, maxPool1d, maxPool2d, mul, rmsNorm, Rng, sum, type Tensor, tensor, upsampleNearest2d,
} from "@llr/tensor";
import { grad } from "./grad.ts";
import { gradcheck } from "./gradcheck.ts";
import { parameter } from "./parameter.ts";

const rng = new Rng(9).stream("normOrders.test");
const random = (shape: readonly number[], lowest = -Infinity) => {
  const data = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.max(lowest, rng.normal()));
  return parameter(tensor(data, shape));
};

/** Some functions of the inputs, of which second derivatives exist, and the shapes of their inputs. */
const functions: Record<string, [shapes: number[][], (...inputs: Tensor[]) => Tensor]> = {
  conv1d: [[[2, 4, 6], [2, 2, 3], [2]], (x, w, bias) => conv1d(x, w, { stride: 2, padding: 1, dilation: 2, groups: 2, bias })],
  "conv1d, same": [[[1, 1, 5], [2, 1, 4]], (x, w) => conv1d(x, w, { padding: "same" })],
  "conv2d, grouped": [[[1, 4, 4, 3], [4, 1, 2, 2]], (x, w) => conv2d(x, w, { groups: 4, stride: [1, 2], padding: [0, 1] })],
  conv3d: [[[1, 2, 3, 3, 2], [2, 1, 2, 2, 1], [2]], (x, w, bias) => conv3d(x, w, { groups: 2, stride: [1, 2, 1], padding: [0, 1, 0], bias })],
  convTranspose1d: [[[2, 2, 3], [2, 1, 2], [2]], (x, w, bias) => convTranspose1d(x, w, { stride: 2, outputPadding: 1, groups: 2, bias })],
  convTranspose2d: [[[1, 2, 2, 3], [2, 2, 2, 2], [2]], (x, w, bias) => convTranspose2d(x, w, { stride: [2, 1], padding: 1, outputPadding: [1, 0], dilation: [1, 2], bias })],
  maxPool1d: [[[1, 2, 7]], (x) => maxPool1d(x, { kernel: 2, dilation: 2, stride: 2, ceilMode: true })],
  maxPool2d: [[[1, 1, 5, 5]], (x) => maxPool2d(x, { kernel: 2, dilation: [1, 2], stride: 1 })],
  avgPool1d: [[[1, 2, 7]], (x) => avgPool1d(x, { kernel: 3, stride: 2, padding: 1, ceilMode: true })],
  avgPool2d: [[[1, 1, 5, 4]], (x) => avgPool2d(x, { kernel: 3, stride: 2, padding: 1, ceilMode: true, countIncludePad: false })],
  adaptiveAvgPool2d: [[[1, 1, 3, 4]], (x) => adaptiveAvgPool2d(x, [2, 3])],
  adaptiveMaxPool2d: [[[1, 1, 3, 4]], (x) => adaptiveMaxPool2d(x, [2, 3])],
  upsampleNearest2d: [[[1, 2, 2, 2]], (x) => upsampleNearest2d(x, [2, 1.5])],
  "batchNorm, training": [[[3, 2, 2], [2], [2]], (x, weight, bias) => batchNorm(x, { weight, bias })[0]],
  batchNormInference: [[[2, 2, 2], [2], [2]], (x, weight, bias) => batchNormInference(x, { weight, bias, runningMean: tensor(Float64Array.of(0.5, -1)), runningVar: tensor(Float64Array.of(1, 2)) })],
  layerNorm: [[[2, 2, 3], [2, 3], [2, 3]], (x, weight, bias) => layerNorm(x, [2, 3], { weight, bias })],
  "layerNorm without weights": [[[2, 3]], (x) => layerNorm(x, 3)],
  rmsNorm: [[[3, 4], [4]], (x, weight) => rmsNorm(x, 4, { weight })],
  groupNorm: [[[2, 4, 2], [4], [4]], (x, weight, bias) => groupNorm(x, 2, { weight, bias })],
  instanceNorm: [[[2, 2, 3], [2], [2]], (x, weight, bias) => instanceNorm(x, { weight, bias })],
  localResponseNorm: [[[2, 4, 2]], (x) => localResponseNorm(x, { size: 3, alpha: 0.5, beta: 0.75, k: 1 })],
};

describe("convolution, pooling and normalisation", () => {
  it.each(Object.entries(functions))("%s has the first and second derivatives of central differences", (_, [shapes, f]) => {
    const inputs = shapes.map((shape) => random(shape));
    // A function whose gradient depends on all inputs also where f is linear.
    const loss = (): Tensor => {
      const y = f(...inputs);
      return sum(mul(mul(y, y), y));
    };
    const first = gradcheck(loss, inputs);
    expect(first.error, first.worst).toBeLessThan(1e-6);
    const second = gradcheck(() => {
      const gradients = grad(loss(), inputs, { createGraph: true });
      return gradients.map((g) => sum(mul(g, tensor(Float64Array.from({ length: g.size }, (_, i) => Math.sin(i * i + 1)), g.shape)))).reduce((a, b) => mul(a, b));
    }, inputs);
    expect(second.error, second.worst).toBeLessThan(1e-5); // a product of sums: rounding of one is magnified by the others
  });
});
