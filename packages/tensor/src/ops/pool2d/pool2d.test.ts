import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { below, conformance, distinct, homesAgree, positive } from "../../conformance.ts";
import { adaptiveAvgPool2d, adaptiveAvgPool2dGradOp, adaptiveAvgPool2dOp, adaptiveMaxPool2d, adaptiveMaxPool2dOp, apply, avgPool1d, avgPool2d, avgPool2dGradOp, avgPool2dOp, maxPool1d, maxPool2d, maxPool2dOp, putAtOp, setThreads, takeAtOp, tensor } from "../../index.ts";
import { Rng } from "../../random.ts";
import type { Pool2dAttrs } from "./geometry.ts";
import { pool2dShape, resolvePool2d } from "./geometry.ts";

const x = { shape: [2, 2, 5, 6], fill: distinct };
const windows = [
  { kernel: 2 }, { kernel: 3, stride: 2, padding: 1 }, { kernel: [1, 2], stride: [2, 1] }, { kernel: 3, stride: 1, padding: 1 },
  { kernel: 2, ceilMode: true }, { kernel: [7, 8], stride: 4, ceilMode: true }, { kernel: 3, stride: 3, padding: 1, ceilMode: true }, { kernel: 2, stride: [3, 4], ceilMode: true },
] as const;
const dilated = [{ kernel: 2, dilation: 2, stride: 1 }, { kernel: 3, dilation: [2, 1], stride: 2, padding: 1 }, { kernel: 2, dilation: [1, 3], padding: 1, stride: 2, ceilMode: true }] as const;

/** For output `index` of maxima over x, some place of its window. */
function placeIn(x: readonly number[], y: readonly number[], { kernel, stride, padding }: Pool2dAttrs, index: number, random: (n: number) => number): number {
  const [column, row] = [index % y[3], Math.floor(index / y[3]) % y[2]];
  const at = (axis: 0 | 1, output: number): number => {
    const start = output * stride[axis] - padding[axis];
    const [from, to] = [Math.max(0, start), Math.min(x[2 + axis], start + kernel[axis])];
    return from + random(to - from);
  };
  return (Math.floor(index / (y[2] * y[3])) * x[2] + at(0, row)) * x[3] + at(1, column);
}

describe("pooling", () => {
  it("maxPool2d is complete for overlapping, padded, dilated and cut-off windows", () => {
    conformance(maxPool2dOp, [...windows, ...dilated].map((w) => ({ inputs: [x], attrs: resolvePool2d("maxPool2d", w) })));
    conformance(maxPool2dOp, [[1, 3, 4, 4], [3, 1, 7, 2]].map((shape) => ({ inputs: [{ shape, fill: distinct }], attrs: resolvePool2d("maxPool2d", { kernel: [3, 2], stride: [2, 1], padding: [1, 0] }) })));
    conformance(maxPool2dOp, [{ inputs: [{ shape: [0, 1, 4, 4] }], attrs: resolvePool2d("maxPool2d", { kernel: 2 }) }]);
  });

  it("putAt and takeAt are complete, and put together what falls on one place", () => {
    const indices = { shape: [2, 3], dtype: "i32", fill: below(4) } as const;
    for (const whole of [[4], [2, 2], [4, 1, 3]]) {
      conformance(putAtOp, [{ inputs: [{ shape: [2, 3] }, indices], attrs: { shape: whole } }]);
      conformance(takeAtOp, [{ inputs: [{ shape: whole }, indices], attrs: null }]);
    }
    conformance(putAtOp, [[5], [1, 4]].map((shape) => ({ inputs: [{ shape }, { ...indices, shape }], attrs: { shape: [4] } })));
  });

  it("avgPool2d and its derivative are complete, padding counted or not", () => {
    for (const countIncludePad of [true, false]) {
      const all = windows.map((w) => ({ ...resolvePool2d("avgPool2d", w), countIncludePad }));
      conformance(avgPool2dOp, all.map((attrs) => ({ inputs: [{ shape: x.shape }], attrs })));
      conformance(avgPool2dOp, [[1, 3, 4, 4], [3, 1, 7, 2]].map((shape) => ({ inputs: [{ shape }], attrs: { ...resolvePool2d("avgPool2d", { kernel: [3, 2], stride: [2, 1], padding: [1, 0] }), countIncludePad } })));
      conformance(avgPool2dGradOp, all.map((attrs) => ({ inputs: [{ shape: [...avgPool2dOp.shape([x.shape], attrs)] }], attrs: { ...attrs, inputShape: x.shape } })));
    }
  });

  it("is the same in all homes for every shape, window, stride and padding, both ways", () => {
    const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
    const problem = fc.record({ planes: pair(0, 3), image: pair(1, 21), kernel: pair(1, 5), stride: pair(1, 4), padding: pair(0, 2), ceilMode: fc.boolean() });
    const check = ({ planes, image, kernel, stride, padding, ceilMode }: { planes: number[]; image: number[]; kernel: [number, number]; stride: [number, number]; padding: [number, number]; ceilMode: boolean }): void => {
      fc.pre([0, 1].every((axis) => 2 * padding[axis] <= kernel[axis] && image[axis] + 2 * padding[axis] + (ceilMode ? stride[axis] - 1 : 0) >= kernel[axis]));
      const [x, windows] = [[...planes, ...image], resolvePool2d("test", { kernel, stride, padding, ceilMode })];
      const y = [...pool2dShape("test", x, windows)];
      const numbers = { shape: y, fill: positive };
      homesAgree(maxPool2dOp, [{ inputs: [{ shape: x }], attrs: windows }, { inputs: [{ shape: x, fill: below(3) }], attrs: windows }]);
      homesAgree(putAtOp, [{ inputs: [numbers, { shape: y, dtype: "i32", fill: (rng, i) => placeIn(x, y, windows, i, (n) => rng.integer(n)) }], attrs: { shape: x, windows } }]);
      for (const countIncludePad of [true, false]) {
        homesAgree(avgPool2dOp, [{ inputs: [{ shape: x, fill: positive }], attrs: { ...windows, countIncludePad } }]);
        homesAgree(avgPool2dGradOp, [{ inputs: [numbers], attrs: { ...windows, countIncludePad, inputShape: x } }]);
      }
    };
    fc.assert(fc.property(problem, check), { numRuns: 200 });
    fc.assert(fc.property(problem, (p) => check({ ...p, kernel: [2, 2], stride: [2, 2], padding: [0, 0] })), { numRuns: 100 });
    check({ planes: [2, 3], image: [8, 8], kernel: [8, 8], stride: [8, 8], padding: [0, 0], ceilMode: false }); // the mean of whole planes
  });

  it("gradients of dilated windows of 2 x 2 go to their places in all homes", () => {
    const windows = resolvePool2d("test", { kernel: 2, dilation: 2 });
    const x = [1, 2, 9, 12];
    const y = [...pool2dShape("test", x, windows)];
    const lastTap = (_: Rng, i: number) => Math.floor(i / (y[2] * y[3])) * 108 + (2 * (Math.floor(i / y[3]) % y[2]) + 2) * 12 + 2 * (i % y[3]) + 2;
    homesAgree(putAtOp, [{ inputs: [{ shape: y, fill: positive }, { shape: y, dtype: "i32", fill: lastTap }], attrs: { shape: x, windows } }]);
  });

  it("adaptive pooling and its derivative are complete, windows overlapping or empty", () => {
    for (const outputSize of [[1, 1], [2, 3], [5, 6], [7, 4], [0, 2]] as const) {
      conformance(adaptiveMaxPool2dOp, [x.shape, [1, 1, 4, 4], [3, 2, 3, 7]].map((shape) => ({ inputs: [{ shape, fill: distinct }], attrs: { outputSize } })));
      conformance(adaptiveAvgPool2dOp, [x.shape, [1, 1, 4, 4], [3, 2, 3, 7]].map((shape) => ({ inputs: [{ shape }], attrs: { outputSize } })));
      conformance(adaptiveAvgPool2dGradOp, [{ inputs: [{ shape: [2, 2, ...outputSize] }], attrs: { outputSize, inputShape: x.shape } }]);
    }
  });

  it("adaptive windows of equal size are those of avgPool2d, and their record gives the same", () => {
    const image = tensor(Float32Array.from({ length: 48 }, (_, i) => Math.sin(i)), [1, 2, 4, 6]);
    const own = apply(adaptiveAvgPool2dOp, [image], { outputSize: [2, 3] });
    const shared = adaptiveAvgPool2d(image, [2, 3]);
    own.toArray().forEach((mean, i) => expect(shared.toArray()[i]).toBeCloseTo(mean, 6));
    expect(adaptiveMaxPool2d(image, [null, 2]).shape).toEqual([1, 2, 4, 2]);
    expect(() => adaptiveAvgPool2d(tensor([1]), 1)).toThrow("adaptiveAvgPool2d: the input is [1]. It needs images");
    expect(() => adaptiveMaxPool2d(image, -1)).toThrow("adaptiveMaxPool2d: outputSize is -1.");
    expect(() => adaptiveMaxPool2d(tensor(new Float32Array(0), [1, 1, 0, 2]), 1)).toThrow("adaptiveMaxPool2d: the images [1, 1, 0, 2] have no pixels to make 1 x 1 of.");
  });

  it("a window of ceilMode ends with the padding, and none begins there", () => {
    const row = tensor([[[1, 2, 3, 4, 5]]]);
    expect([...avgPool1d(row, { kernel: 4, stride: 3, padding: 1, ceilMode: true }).toArray()]).toEqual([1.5, 3]); // (3 + 4 + 5 + 0) / 4
    expect([...avgPool1d(row, { kernel: 3, stride: 2, ceilMode: true }).toArray()]).toEqual([2, 4]);
    expect([...avgPool1d(row, { kernel: 2, stride: 2, ceilMode: true }).toArray()]).toEqual([1.5, 3.5, 5]);
    expect([...avgPool1d(row, { kernel: 8, ceilMode: true }).toArray()]).toEqual([3]); // a window larger than all there is
    expect(() => maxPool1d(row, { kernel: 8 })).toThrow("maxPool1d: a window of 8 does not fit into [1, 1, 5] with padding 0.");
    expect(maxPool1d(row, { kernel: 2, stride: 4, padding: 1, ceilMode: true }).shape).toEqual([1, 1, 2]);
    expect(() => maxPool1d(tensor([1]), { kernel: 1 })).toThrow("maxPool1d: the input is [1]. It needs sequences [batch, channels, length].");
  });

  it("the gradient of a dilated maximum and its own derivative equal central differences", () => {
    const op: typeof maxPool2dOp = maxPool2dOp;
    const attrs = resolvePool2d("maxPool2d", { kernel: 2, dilation: 2, stride: 1 });
    const shape = op.shape([x.shape], attrs);
    conformance(putAtOp, [{ inputs: [{ shape }, { shape, dtype: "i32", fill: below(120) }], attrs: { shape: x.shape } }]);
    expect(() => op.shape([[1, 1, 4, 4]], resolvePool2d("maxPool2d", { kernel: 2, padding: 1, dilation: 5 }))).toThrow("maxPool2d: a window holds nothing but padding of [1, 1, 4, 4].");
  });

  it("gives the same bits with three threads as with one, both ways", async () => {
    const rng = new Rng(6).stream("pool2d.test");
    const x = tensor(Float32Array.from({ length: 37 * 5 * 24 * 24 }, () => rng.normal()), [37, 5, 24, 24]);
    const all = (): ArrayLike<number>[] => [{ kernel: 2 }, { kernel: 3, stride: 2, padding: 1 }].flatMap((options) => {
      const windows = resolvePool2d("test", options);
      const y = maxPool2d(x, options);
      const indices = tensor(Int32Array.from({ length: y.size }, (_, i) => placeIn(x.shape, y.shape, windows, i, () => 0)), y.shape);
      const spread = apply(avgPool2dGradOp, [y], { ...windows, countIncludePad: false, inputShape: x.shape });
      return [y, apply(putAtOp, [y, indices], { shape: x.shape, windows }), avgPool2d(x, options), spread].map((t) => t.toArray());
    });
    const alone = all();
    await setThreads(3);
    for (let i = 0; i < 10; i++) expect(all()).toEqual(alone);
    await setThreads(1);
  });

  it("the maximum ignores padding even when all numbers are negative", () => {
    expect([...maxPool2d(tensor([[[[-3, -1], [-2, -4]]]]), { kernel: 2, stride: 2, padding: 1 }).toArray()]).toEqual([-3, -1, -2, -4]);
  });

  it("the first NaN of a window is its maximum", () => {
    expect(maxPool2d(tensor([[[[1, NaN], [5, NaN]]]]), { kernel: 2 }).item()).toBeNaN();
  });

  it("windows that do not fit and too much padding are refused", () => {
    expect(() => maxPool2d(tensor([[[[1]]]]), { kernel: 2 })).toThrow("maxPool2d: a window of 2 x 2 does not fit into [1, 1, 1, 1] with padding 0 x 0.");
    expect(() => avgPool2d(tensor([[[[1]]]]), { kernel: 3, padding: 2 })).toThrow("avgPool2d: padding 2 is more than half of the kernel 3");
    expect(() => maxPool2d(tensor([1]), { kernel: 1 })).toThrow("maxPool2d: the input is [1]. It needs images [batch, channels, height, width].");
    expect(() => maxPool2d(tensor([[[[1]]]]), { kernel: 0 })).toThrow("maxPool2d: kernel is 0");
  });
});
