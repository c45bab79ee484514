import { describe, expect, it } from "vitest";
import { conformance } from "../../conformance.ts";
import { conv1d, conv2d, conv3d, conv3dInputGradOp, conv3dOp, conv3dWeightGradOp, convTranspose1d, convTranspose2d, ones, Rng, sum, mul, tensor } from "../../index.ts";
import type { ConvAttrs } from "./geometry.ts";
import { convShape } from "./geometry.ts";

const rng = new Rng(3).stream("conv1d.test");
const random = (...shape: number[]) => tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()), shape);
const close = (actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i], 12);
};

describe("conv1d", () => {
  it("equals the formula evaluated number by number", () => {
    const [x, w, b] = [random(2, 4, 9), random(6, 2, 3), random(6)];
    const y = conv1d(x, w, { stride: 2, padding: [3], dilation: 2, groups: 2, bias: b });
    expect(y.shape).toEqual([2, 6, 6]);
    const [xs, ws, bs] = [x.toArray(), w.toArray(), b.toArray()];
    const expected: number[] = [];
    for (let n = 0; n < 2; n++) for (let o = 0; o < 6; o++) for (let i = 0; i < 6; i++) {
      let total = bs[o];
      for (let c = 0; c < 2; c++) for (let u = 0; u < 3; u++) {
        const at = i * 2 + u * 2 - 3;
        if (at >= 0 && at < 9) total += ws[(o * 2 + c) * 3 + u] * xs[(n * 4 + (o < 3 ? 0 : 2) + c) * 9 + at];
      }
      expected.push(total);
    }
    close(y.toArray(), expected);
  });

  it("refuses what does not fit, by its own name", () => {
    expect(() => conv1d(ones([1, 2, 3]), ones([1, 3, 1]))).toThrow("conv1d: the sequences have 2 channels, the weights read 3. They must be equal. (sequences [1, 2, 3], weights [1, 3, 1])");
    expect(() => conv1d(ones([1, 2]), ones([1, 3, 1]))).toThrow("conv1d: needs sequences [batch, channels, length]");
    expect(() => conv1d(ones([1, 1, 3]), ones([1, 1, 4]))).toThrow("conv1d: the kernel reaches over 4 pixels, the padded sequence has 3.");
    expect(() => conv1d(ones([1, 1, 3]), ones([1, 1, 1]), { stride: 0 })).toThrow("conv1d: stride is 0. It must be a whole number >= 1, or a list of one.");
    expect(() => conv1d(ones([1, 1, 3]), ones([1, 1, 1]), { bias: ones([2]) })).toThrow("conv1d: the bias is [2]");
    expect(() => conv1d(ones([1, 1, 3]), ones([1, 1, 1], { dtype: "f64" }))).toThrow("conv1d: inputs have the element types f32, f64");
  });
});

describe("conv3d and the two ops of its derivative", () => {
  const problems: [number[], number[], ConvAttrs][] = [
    [[2, 1, 2, 3, 4], [2, 1, 2, 2, 3], { stride: [1, 1, 1], padding: [0, 0, 0], dilation: [1, 1, 1], groups: 1 }],
    [[1, 4, 3, 4, 3], [2, 2, 2, 1, 2], { stride: [2, 1, 3], padding: [1, 0, 2], dilation: [1, 2, 2], groups: 2 }],
    [[2, 2, 3, 2, 5], [3, 2, 1, 2, 2], { stride: [1, 2, 2], padding: [1, 1, 0], dilation: [2, 1, 1], groups: 1 }],
    [[0, 1, 2, 2, 2], [1, 1, 1, 2, 1], { stride: [1, 1, 1], padding: [0, 0, 0], dilation: [1, 1, 1], groups: 1 }],
  ];

  it("are complete for strides, paddings, dilations and groups", () => {
    for (const [x, w, attrs] of problems) {
      const y = [...convShape("conv3d", 3, x, w, attrs)];
      conformance(conv3dOp, [[x, w], [x, w, [w[0]]]].map((shapes) => ({ inputs: shapes.map((shape) => ({ shape })), attrs })));
      conformance(conv3dInputGradOp, [{ inputs: [{ shape: y }, { shape: w }], attrs: { ...attrs, inputShape: x } }]);
      conformance(conv3dWeightGradOp, [{ inputs: [{ shape: y }, { shape: x }], attrs: { ...attrs, weightShape: w } }]);
    }
  });

  it("of one slice is conv2d, along each pair of axes", () => {
    const [x, w] = [random(2, 3, 5, 6), random(4, 3, 2, 3)];
    const expected = conv2d(x, w, { stride: [2, 1], padding: [1, 2] }).toArray();
    const put = (t: typeof x, axis: number) => tensor(t.toArray(), [...t.shape.slice(0, axis), 1, ...t.shape.slice(axis)]);
    for (const axis of [2, 3, 4]) {
      const spread = (pair: number[], filler: number) => [...pair.slice(0, axis - 2), filler, ...pair.slice(axis - 2)] as unknown as [number, number, number];
      close(conv3d(put(x, axis), put(w, axis), { stride: spread([2, 1], 1), padding: spread([1, 2], 0) }).toArray(), expected);
    }
    expect(() => conv3d(x, w)).toThrow("conv3d: needs volumes [batch, channels, depth, height, width]");
  });
});

describe("transposed convolution", () => {
  it("is the adjoint of the convolution: <conv(a), b> = <a, convTranspose(b)>", () => {
    for (const [image, kernel, options] of [
      [[7, 8], [3, 2], { stride: [2, 3], padding: [1, 0], dilation: 1 }],
      [[6, 9], [2, 3], { stride: 1, padding: 1, dilation: [2, 1] }],
      [[8, 8], [3, 3], { stride: 2, padding: 1, dilation: 1, groups: 2 }],
    ] as const) {
      const groups = "groups" in options ? options.groups : 1;
      const [a, w] = [random(2, 4, ...image), random(6, 4 / groups, ...kernel)];
      const y = conv2d(a, w, options);
      const b = random(...y.shape);
      const bare = convTranspose2d(b, w, options);
      const outputPadding = [image[0] - bare.shape[2], image[1] - bare.shape[3]] as const;
      const back = convTranspose2d(b, w, { ...options, outputPadding });
      expect(back.shape).toEqual(a.shape);
      expect(sum(mul(a, back)).item()).toBeCloseTo(sum(mul(y, b)).item(), 10);
    }
  });

  it("of sequences is that of images of one row, with bias", () => {
    const [x, w, bias] = [random(2, 4, 5), random(4, 3, 3), random(6)];
    const options = { stride: 3, padding: 1, outputPadding: 2, dilation: 2, groups: 2, bias } as const;
    const y = convTranspose1d(x, w, options);
    expect(y.shape).toEqual([2, 6, 17]);
    const image = convTranspose2d(tensor(x.toArray(), [2, 4, 1, 5]), tensor(w.toArray(), [4, 3, 1, 3]), { ...options, stride: [1, 3], padding: [0, 1], outputPadding: [0, 2], dilation: [1, 2] });
    close(y.toArray(), image.toArray());
    expect(convTranspose2d(tensor(new Float32Array(0), [0, 1, 2, 2]), ones([1, 1, 2, 2])).shape).toEqual([0, 1, 3, 3]);
  });

  it("refuses what does not fit, by its own name", () => {
    expect(() => convTranspose2d(ones([1, 2, 3, 3]), ones([3, 1, 2, 2]))).toThrow("convTranspose2d: the input has 2 channels, the weights read 3. They must be equal.");
    expect(() => convTranspose1d(ones([1, 2, 3]), ones([2, 1, 2]), { outputPadding: 1 })).toThrow("convTranspose1d: outputPadding is 1, with stride 1 and dilation 1. It must be smaller than one of them.");
    expect(() => convTranspose1d(ones([1, 2, 1]), ones([2, 1, 2]), { padding: 1 })).toThrow("convTranspose1d: the output would have the size 0.");
    expect(() => convTranspose2d(ones([1, 2]), ones([3, 1, 2, 2]))).toThrow("convTranspose2d: needs an input [batch, channels, height, width]");
    expect(() => convTranspose2d(ones([1, 2, 3, 3]), ones([2, 1, 2, 2]), { groups: 3 })).toThrow("2 channels cannot be split into 3 groups");
    expect(() => convTranspose2d(ones([1, 2, 3, 3]), ones([2, 1, 2, 2]), { bias: ones([3]) })).toThrow("convTranspose2d: the bias is [3]");
  });
});
