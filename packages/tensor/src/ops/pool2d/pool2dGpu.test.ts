import { describe, expect, test } from "vitest";
import { below } from "../../conformance.ts";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { testDevices } from "../../gpu/testDevices.ts";
import { adaptiveAvgPool2dGradGpu, adaptiveAvgPool2dGpu, avgPool2dGpu, avgPool2dGradGpu } from "./avgPool2d.gpu.ts";
import type { Pool2dAttrs } from "./geometry.ts";
import { pool2dShape, resolvePool2d, slidingWindows } from "./geometry.ts";
import { adaptiveMaxPool2dGpu, maxPool2dGpu, putAtGpu, takeAtGpu } from "./maxPool2d.gpu.ts";

const image = [2, 3, 7, 11];
const windows = [
  { kernel: 2 }, { kernel: 3, stride: 2, padding: 1 }, { kernel: [1, 2], stride: [2, 1] }, { kernel: 3, stride: 1, padding: 1 },
  { kernel: 2, ceilMode: true }, { kernel: [7, 8], stride: 4, ceilMode: true }, { kernel: 3, stride: 3, padding: 1, ceilMode: true }, { kernel: 2, stride: [3, 4], ceilMode: true },
  { kernel: [7, 11] },
] as const;
const dilated = [{ kernel: 2, dilation: 2, stride: 1 }, { kernel: 3, dilation: [2, 1], stride: 2, padding: 1 }, { kernel: 2, dilation: [1, 3], padding: 1, stride: 2, ceilMode: true }] as const;
const attrsOf = (w: (typeof windows | typeof dilated)[number]): Pool2dAttrs => resolvePool2d("test", w);

/** A pixel of the window of output `index`, another one for each. */
function pixelOf(x: readonly number[], y: readonly number[], attrs: Pool2dAttrs, index: number): number {
  const { rows, columns } = slidingWindows(x, y, attrs);
  const at = ({ from, to, step }: typeof rows, i: number): number => from[i] + step * ((index * 7) % Math.ceil((to[i] - from[i]) / step));
  return (Math.floor(index / (y[2] * y[3])) * x[2] + at(rows, Math.floor(index / y[3]) % y[2])) * x[3] + at(columns, index % y[3]);
}

describe("pooling on a device", () => {
  test("maxima and their places are those of the reference, for overlapping, padded, dilated and cut-off windows", () =>
    gpuAgrees(maxPool2dGpu, [
      ...[...windows, ...dilated].map((w) => ({ inputs: [{ shape: image }], attrs: attrsOf(w) })),
      { inputs: [{ shape: [0, 3, 4, 4] }], attrs: attrsOf({ kernel: 2 }) },
    ]));

  test("the first of equal maxima wins, and minus infinity is a maximum among its like", () =>
    gpuAgrees(maxPool2dGpu, [below(2), (): number => -Infinity].map((fill) => ({ inputs: [{ shape: image, fill }], attrs: attrsOf({ kernel: 3, stride: 2, padding: 1 }) }))));

  test("the first NaN of a window is its maximum, wherever it stands and whatever else is there", () =>
    gpuAgrees(maxPool2dGpu, [1, 5, 8].map((at) => ({ inputs: [{ shape: [1, 2, 6, 6], fill: (rng, i) => (i % 9 === at || i % 7 === 3 ? NaN : i % 5 === 0 ? Infinity : rng.normal()) }], attrs: attrsOf({ kernel: 3, stride: 2, padding: 1 }) }))));

  test("gradients of maxima go to their places and add up where windows overlap", () =>
    gpuAgrees(putAtGpu, [...windows, ...dilated].map((w) => {
      const attrs = attrsOf(w);
      const inner = [...pool2dShape("test", image, attrs)];
      return { inputs: [{ shape: inner }, { shape: inner, dtype: "i32", fill: (_, i) => pixelOf(image, inner, attrs, i) }], attrs: { shape: image, windows: attrs } };
    })));

  test("a few indices may name any place, many are refused", async () => {
    await gpuAgrees(putAtGpu, [[2, 3], [0], [5]].map((shape) => ({ inputs: [{ shape }, { shape, dtype: "i32", fill: below(7) }], attrs: { shape: [7, 1] } })));
    const [device] = await testDevices();
    const numbers = device.upload(new Float32Array(5000), "test");
    expect(() => device.forward(putAtGpu.op, [numbers, numbers], { shapes: [[5000], [5000]], shape: [9], attrs: { shape: [9] } })).toThrow(/^putAt: 5000 indices .* may name any place/);
    numbers.release();
  });

  test("takeAt reads what its indices name", () =>
    gpuAgrees(takeAtGpu, [[4, 3], [0], [2, 1]].map((shape) => ({ inputs: [{ shape: [5, 3] }, { shape, dtype: "i32", fill: below(15) }], attrs: null }))));

  test("means and their derivatives agree with the reference, padding counted or not", async () => {
    for (const countIncludePad of [true, false]) {
      const all = [...windows.map((w) => ({ attrs: { ...attrsOf(w), countIncludePad }, shape: image })), { attrs: { ...attrsOf({ kernel: 2 }), countIncludePad }, shape: [0, 3, 4, 4] }];
      await gpuAgrees(avgPool2dGpu, all.map(({ attrs, shape }) => ({ inputs: [{ shape }], attrs })));
      await gpuAgrees(avgPool2dGradGpu, all.map(({ attrs, shape }) => ({ inputs: [{ shape: pool2dShape("test", shape, attrs) }], attrs: { ...attrs, inputShape: shape } })));
    }
  });

  test("adaptive pooling agrees with the reference, windows overlapping, whole, or more than pixels", async () => {
    for (const outputSize of [[1, 1], [3, 4], [7, 11], [2, 13], [0, 2]] as const) {
      await gpuAgrees(adaptiveMaxPool2dGpu, [{ inputs: [{ shape: image }], attrs: { outputSize } }]);
      await gpuAgrees(adaptiveAvgPool2dGpu, [{ inputs: [{ shape: image }], attrs: { outputSize } }]);
      await gpuAgrees(adaptiveAvgPool2dGradGpu, [{ inputs: [{ shape: [2, 3, ...outputSize] }], attrs: { outputSize, inputShape: image } }]);
    }
  });
});
