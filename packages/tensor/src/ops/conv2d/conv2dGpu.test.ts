import { describe, expect, test } from "vitest";
import { tensor } from "../../create.ts";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { testDevices, testOptions } from "../../gpu/testDevices.ts";
import type { Product } from "../../gpu/tiles.ts";
import { tiledKernel } from "../../gpu/tiles.ts";
import { useGpu } from "../../gpu/useGpu.ts";
import type { Primitive } from "../../op.ts";
import { Rng } from "../../random.ts";
import type { Shape } from "../../shape.ts";
import { sizeOf } from "../../shape.ts";
import { conv1d } from "./conv1d.ts";
import { conv2dInputGradOp, conv2dOp, conv2dWeightGradOp } from "./conv2d.ts";
import { conv2dGpu, conv2dInputGradGpu, conv2dWeightGradGpu } from "./conv2d.gpu.ts";
import type { ConvAttrs } from "./geometry.ts";
import { convShape } from "./geometry.ts";
import { convTranspose2d } from "./convTranspose.ts";
import { forwardProduct, inputGradProduct, weightGradProduct } from "./gpuProducts.ts";
import { convSizes } from "./gpuSizes.ts";

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

/**
 * The products that stand for the three ops, by a tile so small that even these shapes have several, and in two ranges of
 * terms: every snippet that finds an element, where the choice by size would take one thread an element.
 */
async function agreesByTiles(name: string, { x, w, attrs }: Problem): Promise<void> {
  const y = convShape("conv2d", 2, x, w, attrs);
  const sizes = convSizes([x, w, y], attrs);
  const rng = new Rng(4).stream(name);
  const random = (shape: Shape): Float32Array => Float32Array.from({ length: sizeOf(shape) }, () => rng.normal());
  const [images, weights, bias, dy] = [x, w, [w[0]], y].map(random);
  const right = (op: Primitive<never>, inputs: Float32Array[], shapes: Shape[], shape: Shape): Float32Array => {
    const out = new Float32Array(sizeOf(shape));
    op.reference(out, inputs, { shapes, shape, attrs: attrs as never }, []);
    return out;
  };
  const products: [Product, Float32Array[], Float32Array][] = [
    [forwardProduct(sizes, true), [weights, images, bias], right(conv2dOp as never, [images, weights, bias], [x, w, [w[0]]], y)],
    [inputGradProduct(sizes), [weights, dy], right(conv2dInputGradOp as never, [dy, weights], [y, w], x)],
    [weightGradProduct(sizes), [dy, images], right(conv2dWeightGradOp as never, [dy, images], [y, x], w)],
  ];
  for (const device of (await testDevices()).filter(({ description: { engine } }) => engine === "webgpu"))
    for (const [product, inputs, expected] of products) {
      const uploads = inputs.map((numbers) => device.upload(numbers, "test"));
      const parts = device.run(tiledKernel(product, { rows: 8, columns: 8, depth: 4, block: 4 }, 2), uploads);
      const sums = await device.read(parts, 0, parts.length);
      for (const buffer of [...uploads, parts]) buffer.release();
      const found = expected.map((_, i) => sums[i] + sums[expected.length + i]);
      // At most 32 terms of a normal distribution: rounding is some 1e-7 of numbers that are at most about 10.
      expect(Math.max(...found.map((number, i) => Math.abs(number - expected[i]))), `${product.name}, ${name}`).toBeLessThan(1e-5);
    }
}

const small: [string, Problem][] = [
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
];

describe("conv2d and the two ops of its derivative on a device", () => {
  test.each<[string, Problem]>([
    ...small,
    ["LeNet-5's first layer", problem([2, 1, 28, 28], [6, 1, 5, 5], { padding: [2, 2] })],
    ["LeNet-5's second layer", problem([2, 6, 14, 14], [16, 6, 5, 5])],
    ["a ResNet's first layer", problem([2, 3, 32, 32], [16, 3, 3, 3], { padding: [1, 1] })],
    ["a ResNet's layer that halves the image", problem([2, 16, 16, 16], [32, 16, 3, 3], { padding: [1, 1], stride: [2, 2] })],
    ["a ResNet's shortcut", problem([2, 16, 16, 16], [32, 16, 1, 1], { stride: [2, 2] })],
    ["a ResNet's bottleneck, without padding", problem([2, 32, 7, 7], [20, 32, 1, 1])],
    ["groups that are large enough for tiles", problem([3, 32, 9, 7], [48, 16, 3, 3], { groups: 2, padding: [1, 1], stride: [1, 2] })],
    ["tiles with all that differs by the axis", problem([3, 13, 11, 14], [18, 13, 3, 4], { stride: [3, 2], padding: [2, 1], paddingAfter: [3, -1], dilation: [2, 1] })],
    ["tiles of images of one pixel", problem([20, 70, 1, 1], [30, 70, 1, 1])],
    ["a ResNet's last layers", problem([2, 64, 8, 8], [64, 64, 3, 3], { padding: [1, 1] })],
  ])("agree with the reference for %s", (_, p) => allAgree(p));

  test.runIf(testOptions().some(({ engine }) => engine === "webgpu"))("are right as products by tiles for small shapes too, whatever the geometry", async () => {
    for (const [name, p] of small.filter(([, { x }]) => x[0] * x[1] > 0)) await agreesByTiles(name, p);
  });

  test("conv1d and convTranspose2d go through them", async () => {
    const gpu = await useGpu({ engine: "webasm", software: true });
    expect(await conv1d(gpu.upload(tensor([[[1, 2, 4, 8]]])), tensor([[[1, 0, 1]]]), { padding: "same" }).read()).toEqual(Float32Array.of(2, 5, 10, 4));
    expect(await convTranspose2d(gpu.upload(tensor([[[[1, 10]]]])), tensor([[[[1, 2, 3]]]]), { stride: [1, 2], outputPadding: [0, 1] }).read()).toEqual(Float32Array.of(1, 2, 13, 20, 30, 0));
  });
});
