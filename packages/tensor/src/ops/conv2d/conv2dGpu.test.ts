import { describe, expect, test } from "vitest";
import { tensor } from "../../create.ts";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { useGpu } from "../../gpu/useGpu.ts";
import { conv1d } from "./conv1d.ts";
import { conv2dGpu, conv2dInputGradGpu, conv2dWeightGradGpu } from "./conv2d.gpu.ts";
import type { ConvAttrs } from "./geometry.ts";
import { convShape } from "./geometry.ts";
import { convTranspose2d } from "./convTranspose.ts";

interface Problem {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly attrs: ConvAttrs;
}

const problem = (x: readonly number[], w: readonly number[], attrs: Partial<ConvAttrs> = {}): Problem => ({
  x, w, attrs: { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1, ...attrs },
});

/** All three ops on a problem. Forward and weight gradient sum up zeros of the padding too, so NaN shows in the same places. */
async function allAgree({ x, w, attrs }: Problem): Promise<void> {
  const y = convShape("conv2d", 2, x, w, attrs);
  const inputs = (...shapes: (readonly number[])[]) => shapes.map((shape) => ({ shape }));
  const terms = w[1] * w[2] * w[3];
  await gpuAgrees(conv2dGpu, [{ inputs: inputs(x, w), attrs, terms }, { inputs: inputs(x, w, [w[0]]), attrs, terms }]);
  await gpuAgrees(conv2dInputGradGpu, [{ inputs: inputs(y, w), attrs: { ...attrs, inputShape: x }, terms: w[0] * w[2] * w[3] }]);
  await gpuAgrees(conv2dWeightGradGpu, [{ inputs: inputs(y, x), attrs: { ...attrs, weightShape: w }, terms: x[0] * y[2] * y[3] }]);
}

describe("conv2d and the two ops of its derivative on a device", () => {
  test.each<[string, Problem]>([
    ["several images, out channels and a kernel that is not square", problem([2, 1, 4, 5], [2, 1, 3, 2])],
    ["padding", problem([1, 2, 5, 5], [3, 2, 3, 3], { padding: [1, 1] })],
    ["strides that differ", problem([1, 2, 5, 4], [2, 2, 2, 3], { stride: [2, 3], padding: [1, 2] })],
    ["dilation", problem([1, 1, 6, 7], [1, 1, 2, 3], { dilation: [2, 2], padding: [0, 1] })],
    ["groups", problem([2, 4, 3, 3], [6, 2, 2, 2], { groups: 2 })],
    ["one input channel in each group", problem([2, 4, 3, 3], [8, 1, 2, 2], { groups: 4, padding: [1, 0] })],
    ["taps that see nothing but padding", problem([1, 1, 2, 2], [1, 1, 1, 1], { padding: [2, 3], stride: [2, 2] })],
    ["no images", problem([0, 1, 3, 3], [2, 1, 2, 2])],
    ["no channels", problem([1, 0, 3, 3], [2, 0, 2, 2])],
    ["more padding behind than before", problem([1, 2, 4, 5], [2, 2, 2, 4], { padding: [0, 1], paddingAfter: [1, 2] })],
    ["pixels that no output sees, strided and dilated", problem([1, 2, 6, 5], [2, 2, 2, 2], { stride: [2, 3], padding: [1, 1], paddingAfter: [0, -1], dilation: [1, 2] })],
    ["LeNet-5's first layer", problem([2, 1, 28, 28], [6, 1, 5, 5], { padding: [2, 2] })],
    ["LeNet-5's second layer", problem([2, 6, 14, 14], [16, 6, 5, 5])],
    ["a ResNet's first layer", problem([2, 3, 32, 32], [16, 3, 3, 3], { padding: [1, 1] })],
    ["a ResNet's layer that halves the image", problem([2, 16, 16, 16], [32, 16, 3, 3], { padding: [1, 1], stride: [2, 2] })],
    ["a ResNet's shortcut", problem([2, 16, 16, 16], [32, 16, 1, 1], { stride: [2, 2] })],
    ["a ResNet's last layers", problem([2, 64, 8, 8], [64, 64, 3, 3], { padding: [1, 1] })],
  ])("agree with the reference for %s", (_, p) => allAgree(p));

  test("conv1d and convTranspose2d go through them", async () => {
    const gpu = await useGpu({ engine: "webasm", software: true });
    expect(await conv1d(gpu.upload(tensor([[[1, 2, 4, 8]]])), tensor([[[1, 0, 1]]]), { padding: "same" }).read()).toEqual(Float32Array.of(2, 5, 10, 4));
    expect(await convTranspose2d(gpu.upload(tensor([[[[1, 10]]]])), tensor([[[[1, 2, 3]]]]), { stride: [1, 2], outputPadding: [0, 1] }).read()).toEqual(Float32Array.of(1, 2, 13, 20, 30, 0));
  });
});
