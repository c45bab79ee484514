import { describe, test } from "vitest";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { logSoftmaxGpu, logSoftmaxGradGpu, softmaxGpu, softmaxGradGpu } from "./softmax.gpu.ts";

const cases = [[[7, 11], 1], [[7, 11], 0], [[2, 5, 3], 1], [[2, 3, 4, 2], 0], [[13], 0], [[0, 3], 1], [[3, 0], 1], [[2, 1], 1]].map(([shape, axis]) => ({ shape: shape as number[], axis: axis as number }));

describe("softmax on a device", () => {
  test("and logSoftmax agree with the reference along every axis", async () => {
    for (const kernels of [softmaxGpu, logSoftmaxGpu]) await gpuAgrees(kernels, cases.map(({ shape, axis }) => ({ inputs: [{ shape }], attrs: { axis } })));
  });

  test("and their derivatives agree with the reference along every axis", async () => {
    for (const kernels of [softmaxGradGpu, logSoftmaxGradGpu]) await gpuAgrees(kernels, cases.map(({ shape, axis }) => ({ inputs: [{ shape }, { shape }], attrs: { axis } })));
  });

  test("numbers as large as 1e4 and as small as -1e4 do not overflow", async () => {
    const inputs = [{ shape: [5, 6], fill: (_: unknown, i: number): number => [1e4, -1e4, 0, 3][i % 4] }];
    for (const kernels of [softmaxGpu, logSoftmaxGpu]) await gpuAgrees(kernels, [{ inputs, attrs: { axis: 1 } }]);
  });

  test("a line whose largest number is infinite is NaN as by the reference, and -Infinity beside numbers counts for nothing", async () => {
    const lines = [[-Infinity, 0, 1], [-Infinity, -Infinity, -Infinity], [0, Infinity, 1], [2, Infinity, -Infinity], [1, 2, 3]];
    const inputs = [{ shape: [5, 3], fill: (_: unknown, i: number): number => lines.flat()[i] }];
    for (const kernels of [softmaxGpu, logSoftmaxGpu]) await gpuAgrees(kernels, [{ inputs, attrs: { axis: 1 } }]);
  });

  test("a NaN spoils its own line, wherever it stands, and no other", async () => {
    const inputs = [{ shape: [5, 6], fill: (_: unknown, i: number): number => (i === 8 || i === 23 ? NaN : i % 5) }];
    for (const kernels of [softmaxGpu, logSoftmaxGpu]) for (const axis of [0, 1]) await gpuAgrees(kernels, [{ inputs, attrs: { axis } }]);
  });
});
