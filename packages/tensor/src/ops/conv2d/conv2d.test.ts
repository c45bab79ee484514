import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conformance, homesAgree, positive } from "../../conformance.ts";
import { apply, conv2d, conv2dInputGradOp, conv2dOp, conv2dWeightGradOp, setThreads, tensor } from "../../index.ts";
import { Rng } from "../../random.ts";
import type { ConvAttrs } from "./geometry.ts";
import { convShape } from "./geometry.ts";
import { planWinograd } from "./winogradPlan.ts";

interface Problem {
  readonly x: number[];
  readonly w: number[];
  readonly attrs: ConvAttrs;
}

const problem = (x: number[], w: number[], attrs: Partial<ConvAttrs> = {}): Problem => ({
  x, w, attrs: { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1, ...attrs },
});

const problems: Problem[] = [
  problem([2, 1, 4, 5], [2, 1, 3, 2]),
  problem([1, 2, 5, 5], [3, 2, 3, 3], { padding: [1, 1] }),
  problem([1, 2, 5, 4], [2, 2, 2, 3], { stride: [2, 3], padding: [1, 2] }),
  problem([1, 1, 6, 7], [1, 1, 2, 3], { dilation: [2, 2], padding: [0, 1] }),
  problem([2, 4, 3, 3], [6, 2, 2, 2], { groups: 2 }),
  problem([1, 1, 2, 2], [1, 1, 1, 1], { padding: [2, 3], stride: [2, 2] }), // taps that see nothing but padding
  problem([0, 1, 3, 3], [2, 1, 2, 2]),
  problem([1, 2, 4, 5], [2, 2, 2, 4], { padding: [0, 1], paddingAfter: [1, 2] }), // "same"
  problem([1, 2, 6, 5], [2, 2, 2, 2], { stride: [2, 3], padding: [1, 1], paddingAfter: [0, -1], dilation: [1, 2] }), // a transposed convolution's
  problem([2, 4, 3, 3], [4, 1, 2, 2], { groups: 4 }), // depthwise
];

/**
 * A problem as cases of the three ops; `terms` is the length of their longest sum. All numbers are positive: where terms
 * cancel, rounding is large beside what is left, and says nothing about a kernel.
 */
function casesOf({ x, w, attrs }: Problem) {
  const y = convShape("conv2d", 2, x, w, attrs);
  const inputs = (...shapes: number[][]) => shapes.map((shape) => ({ shape, fill: positive }));
  const taps = w[1] * w[2] * w[3];
  return {
    forward: [
      { inputs: inputs(x, w), attrs, terms: taps },
      { inputs: inputs(x, w, [w[0]]), attrs, terms: taps },
    ],
    inputGrad: { inputs: inputs([...y], w), attrs: { ...attrs, inputShape: x }, terms: w[0] * w[2] * w[3] },
    weightGrad: { inputs: inputs([...y], x), attrs: { ...attrs, weightShape: w }, terms: x[0] * y[2] * y[3] },
  };
}

/** Every home on every direction of a problem. */
function homesAgreeOn(p: Problem): void {
  const { forward, inputGrad, weightGrad } = casesOf(p);
  homesAgree(conv2dOp, forward);
  homesAgree(conv2dInputGradOp, [inputGrad]);
  homesAgree(conv2dWeightGradOp, [weightGrad]);
}

describe("conv2d and the two ops of its derivative", () => {
  it("conv2d is complete for strides, paddings, dilations and groups, with and without bias", () => {
    conformance(conv2dOp, problems.flatMap((p) => casesOf(p).forward));
  });

  it("conv2dInputGrad is complete", () => {
    conformance(conv2dInputGradOp, problems.map((p) => casesOf(p).inputGrad));
  });

  it("conv2dWeightGrad is complete", () => {
    conformance(conv2dWeightGradOp, problems.map((p) => casesOf(p).weightGrad));
  });

  it("is the same in all homes for every shape, stride, padding and dilation", () => {
    const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
    const shape = fc.record({ batch: fc.integer({ min: 0, max: 3 }), groups: fc.integer({ min: 1, max: 2 }), channels: fc.integer({ min: 0, max: 3 }), out: fc.integer({ min: 0, max: 8 }), image: pair(1, 13), kernel: pair(1, 5), stride: pair(1, 3), padding: pair(0, 6), more: pair(-3, 3), dilation: pair(1, 3) });
    fc.assert(
      fc.property(shape, ({ batch, groups, channels, out, image, kernel, stride, padding, more, dilation }) => {
        const paddingAfter = padding.map((n, axis) => n + more[axis]);
        fc.pre([0, 1].every((axis) => image[axis] + padding[axis] + paddingAfter[axis] > dilation[axis] * (kernel[axis] - 1)));
        homesAgreeOn(problem([batch, channels * groups, ...image], [out * groups, channels, ...kernel], { stride, padding, paddingAfter, dilation, groups }));
      }),
      { numRuns: 200 },
    );
  });

  it("is the same in all homes for every 3 x 3 kernel that runs by Winograd's method", () => {
    const size = fc.integer({ min: 4, max: 19 });
    const pair = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 }));
    const channels = fc.integer({ min: 8, max: 14 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), channels, channels, size, size, pair, pair, fc.integer({ min: 1, max: 2 }), (batch, inside, out, height, width, padding, paddingAfter, groups) => {
        const p = problem([batch, inside * groups, height, width], [out * groups, inside, 3, 3], { padding, paddingAfter, groups });
        fc.pre(planWinograd("weightGrad", [p.x, p.w, convShape("conv2d", 2, p.x, p.w, p.attrs)], p.attrs) !== null);
        homesAgreeOn(p);
      }),
      { numRuns: 20 },
    );
  });

  it.each<[string, Problem]>([
    ["LeNet-5's second layer", problem([3, 6, 14, 14], [16, 6, 5, 5])],
    ["as many channels as fill several tiles", problem([2, 20, 12, 12], [50, 20, 5, 5])],
    ["channels a power of two apart", problem([2, 16, 32, 32], [16, 16, 3, 3], { padding: [1, 1] })],
    ["several images in a pass", problem([11, 7, 8, 8], [9, 7, 3, 3], { padding: [1, 1] })],
    ["images unfolded in strips, the last one lower", problem([2, 24, 45, 43], [3, 24, 3, 3], { padding: [1, 1] })],
    ["strips of strided and dilated rows", problem([1, 24, 75, 71], [3, 24, 3, 3], { padding: [2, 1], stride: [2, 1], dilation: [3, 2] })],
    ["one input channel in each group", problem([3, 12, 9, 9], [24, 1, 3, 3], { padding: [1, 1], groups: 12 })],
    ["a strided kernel of one pixel", problem([3, 20, 9, 9], [33, 20, 1, 1], { stride: [2, 2] })],
    ["one pixel", problem([5, 300, 1, 1], [7, 300, 1, 1])],
    ["tiles of 2 x 2 in groups of four", problem([2, 8, 16, 16], [8, 8, 3, 3], { padding: [1, 1] })],
    ["tiles of 2 x 2 beside the edges", problem([3, 9, 13, 15], [11, 9, 3, 3], { padding: [0, 2], paddingAfter: [1, -1] })],
    ["blocks of tiles, the last one lower", problem([2, 8, 61, 37], [9, 8, 3, 3], { padding: [1, 1] })],
    ["more channels than are added up in one go", problem([1, 70, 8, 13], [131, 70, 3, 3], { padding: [1, 1] })],
    ["several blocks of tiles in one sum of the weight gradient", problem([9, 8, 32, 32], [8, 8, 3, 3], { padding: [1, 1] })],
    ["tiles of 2 x 2 in groups of channels", problem([4, 16, 10, 14], [18, 8, 3, 3], { padding: [1, 0], groups: 2 })],
  ])("is the same in all homes for %s", (_, p) => homesAgreeOn(p));

  it.each<[string, Problem]>([
    ["directly", problem([23, 6, 14, 14], [16, 3, 5, 5], { groups: 2, padding: [2, 1] })],
    ["by Winograd's method", problem([23, 16, 14, 13], [20, 8, 3, 3], { groups: 2, padding: [2, 1] })],
  ])("gives the same bits with three threads as with one, both ways, %s", async (_, { x, w, attrs }) => {
    const rng = new Rng(6).stream("conv2d.test");
    const random = (shape: readonly number[]) => tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()), shape);
    const [images, weights, dy] = [x, w, convShape("conv2d", 2, x, w, attrs)].map(random);
    const all = (): ArrayLike<number>[] => [apply(conv2dOp, [images, weights], attrs), apply(conv2dInputGradOp, [dy, weights], { ...attrs, inputShape: x }), apply(conv2dWeightGradOp, [dy, images], { ...attrs, weightShape: w })].map((t) => t.toArray());
    const alone = all();
    await setThreads(3);
    for (let i = 0; i < 10; i++) expect(all()).toEqual(alone);
    await setThreads(1);
  });

  it("equals the formula evaluated pixel by pixel", () => {
    const small = fc.integer({ min: 1, max: 3 });
    const pair = (min: number) => fc.tuple(fc.integer({ min, max: 3 }), fc.integer({ min, max: 3 }));
    const rng = new Rng(5).stream("conv2d.test");
    fc.assert(
      fc.property(small, small, small, fc.tuple(small, small), pair(1), pair(0), pair(1), (batch, channels, out, kernel, stride, padding, dilation) => {
        const x = [batch, channels, 7, 8];
        const w = [out, channels, ...kernel];
        const random = (shape: number[]) => Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal());
        const [image, weights] = [random(x), random(w)];
        const y = conv2d(tensor(image, x), tensor(weights, w), { stride, padding, dilation });
        const [, , height, width] = y.shape as [number, number, number, number];
        const numbers = y.toArray();
        for (let n = 0; n < batch; n++) for (let o = 0; o < out; o++) for (let i = 0; i < height; i++) for (let j = 0; j < width; j++) {
          let expected = 0;
          for (let c = 0; c < channels; c++) for (let u = 0; u < kernel[0]; u++) for (let v = 0; v < kernel[1]; v++) {
            const row = i * stride[0] + u * dilation[0] - padding[0];
            const column = j * stride[1] + v * dilation[1] - padding[1];
            if (row < 0 || row >= 7 || column < 0 || column >= 8) continue;
            expected += image[((n * channels + c) * 7 + row) * 8 + column] * weights[((o * channels + c) * kernel[0] + u) * kernel[1] + v];
          }
          expect(numbers[((n * out + o) * height + i) * width + j]).toBeCloseTo(expected, 12);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("refuses what does not fit, before computing", () => {
    const images = tensor(new Float32Array(18), [1, 2, 3, 3]);
    expect(() => conv2d(images, tensor(new Float32Array(27), [1, 3, 3, 3]))).toThrow("conv2d: the images have 2 channels, the weights read 3. They must be equal. (images [1, 2, 3, 3], weights [1, 3, 3, 3])");
    expect(() => conv2d(images, tensor(new Float32Array(32), [1, 2, 4, 4]))).toThrow("conv2d: the kernel reaches over 4 pixels, the padded image has 3.");
    expect(() => conv2d(images, tensor(new Float32Array(2), [1, 2, 1, 1]), { stride: 0 })).toThrow("conv2d: stride is 0. It must be a whole number >= 1, or a pair of them (vertical, horizontal).");
    expect(() => conv2d(images, tensor(new Float32Array(2), [1, 2, 1, 1]), { bias: tensor([1, 2]) })).toThrow("conv2d: the bias is [2], the weights are [1, 2, 1, 1]. It needs one number for each of the 1 output channels.");
    expect(() => conv2d(images, tensor(new Float32Array(3), [3, 1, 1, 1]), { groups: 2 })).toThrow("3 output channels cannot be split into 2 groups");
    expect(() => conv2d(tensor([1]), tensor([1]))).toThrow("needs images [batch, channels, height, width]");
    expect(() => conv2d(images, tensor(new Float32Array(8), [1, 2, 2, 2]), { padding: "same", stride: 2 })).toThrow('conv2d: padding is "same" and stride 2. A strided convolution does not keep the size');
    expect(() => conv2d(images, tensor(new Float32Array(8), [1, 2, 2, 2]), { padding: "full" as "same" })).toThrow('conv2d: padding is "full"');
  });
});
