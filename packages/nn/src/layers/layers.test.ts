import { describe, expect, it } from "vitest";
import { backward, gradcheck } from "@llr/autograd";
import { mul, noGrad, ones, Rng, scope, sum, tensor, zeros } from "@llr/tensor";
import {
  AdaptiveAvgPool2d, AdaptiveMaxPool2d, AvgPool1d, BatchNorm1d, BatchNorm2d, BatchNorm3d, Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, Flatten, GroupNorm, InstanceNorm, LayerNorm, Linear,
  LocalResponseNorm, MaxPool1d, Module, RMSNorm, Sequential, UpsampleNearest2d,
} from "../index.ts";

const rng = new Rng(4).stream("layers.test");
const of = { rng, dtype: "f64" } as const;
const random = (...shape: number[]) => tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()), shape);
const bound = (numbers: ArrayLike<number>): number => Math.max(...Array.from(numbers, Math.abs));

describe("convolution layers", () => {
  it("have PyTorch's shapes and start within 1 / sqrt(fanIn) of 0", () => {
    const layers: [Conv1d | Conv2d | Conv3d | ConvTranspose1d | ConvTranspose2d, number[], number][] = [
      [new Conv1d(4, 6, 3, { ...of, groups: 2 }), [6, 2, 3], 6],
      [new Conv2d(4, 6, [3, 2], of), [6, 4, 3, 2], 6],
      [new Conv3d(2, 3, [1, 2, 3], of), [3, 2, 1, 2, 3], 3],
      [new ConvTranspose1d(4, 6, 5, { ...of, groups: 2 }), [4, 3, 5], 6],
      [new ConvTranspose2d(4, 6, 2, of), [4, 6, 2, 2], 6],
    ];
    for (const [layer, shape, out] of layers) {
      const limit = 1 / Math.sqrt(shape.slice(1).reduce((a, b) => a * b));
      expect([layer.weight.shape, layer.bias?.shape]).toEqual([shape, [out]]);
      for (const p of layer.parameters()) {
        expect(bound(p.data)).toBeLessThanOrEqual(limit);
        expect(bound(p.data)).toBeGreaterThan(limit / 3);
      }
    }
    expect(new Conv2d(1, 2, 3, { ...of, bias: false }).parameters()).toHaveLength(1);
    expect(() => new Conv2d(3, 4, 1, { ...of, groups: 2 })).toThrow("Conv2d: 4 and 3 channels cannot both be split into 2 groups.");
  });

  it("apply their geometry", () => {
    expect(new Conv1d(2, 3, 3, { ...of, padding: "same", dilation: 2 }).forward(random(1, 2, 7)).shape).toEqual([1, 3, 7]);
    expect(new Conv3d(2, 3, 2, { ...of, stride: 2 }).forward(random(1, 2, 4, 4, 6)).shape).toEqual([1, 3, 2, 2, 3]);
    expect(new ConvTranspose1d(2, 3, 3, { ...of, stride: 2, outputPadding: 1 }).forward(random(1, 2, 4)).shape).toEqual([1, 3, 10]);
  });
});

describe("pooling layers", () => {
  it("pass their options on", () => {
    expect(new MaxPool1d(2, { ceilMode: true }).forward(random(1, 2, 5)).shape).toEqual([1, 2, 3]);
    expect(new AvgPool1d(2, { stride: 1 }).forward(random(1, 2, 5)).shape).toEqual([1, 2, 4]);
    expect(new AdaptiveAvgPool2d(1).forward(ones([1, 2, 3, 4])).toArray()).toEqual(Float32Array.of(1, 1));
    expect(new AdaptiveMaxPool2d([1, 2]).forward(random(1, 2, 3, 4)).shape).toEqual([1, 2, 1, 2]);
    expect(new UpsampleNearest2d(3).forward(random(1, 2, 3, 4)).shape).toEqual([1, 2, 9, 12]);
  });
});

describe("batch normalisation layers", () => {
  it("normalise by the batch in training and by running statistics in evaluation", () => {
    const layer = new BatchNorm1d(2, { momentum: 0.5 });
    const x = tensor([[1, 0], [2, 4], [6, 2]]); // means 3 and 2, unbiased variances 7 and 4
    const y = layer.forward(x, { training: true }).toArray();
    expect(y[0]).toBeCloseTo(-2 / Math.sqrt(14 / 3), 5);
    expect([[...layer.runningMean!.toArray()], [...layer.runningVar!.toArray()]]).toEqual([[1.5, 1], [4, 2.5]]);
    expect(layer.forward(x).toArray()[0]).toBeCloseTo(-0.5 / 2, 5);
    expect(layer.numBatchesTracked?.item()).toBe(1);
  });

  it("leave running statistics alone when asked to, with the same output and gradient", () => {
    const layer = new BatchNorm2d(2, { dtype: "f64" });
    const x = random(3, 2, 2, 2);
    const before = layer.stateDict();
    const [first, second] = [false, true].map((updateStatistics) => {
      layer.zeroGrad();
      return scope(() => {
        const y = layer.forward(x, { training: true, updateStatistics });
        backward(sum(mul(y, random(...y.shape).detach())), {});
        return y;
      });
    });
    expect(first.toArray()).toEqual(second.toArray());
    expect(layer.stateDict()["runningMean"]).not.toEqual(before["runningMean"]);
    layer.loadStateDict(before);
    layer.forward(x, { training: true, updateStatistics: false });
    expect(layer.stateDict()).toEqual(before);
  });

  it("without momentum their statistics are the mean over all batches", () => {
    const layer = new BatchNorm1d(1, { momentum: null });
    for (const batch of [[1, 3], [5, 7], [0, 2]]) layer.forward(tensor(batch.map((v) => [v])), { training: true });
    expect(layer.runningMean?.item()).toBeCloseTo(3, 6);
    expect(layer.runningVar?.item()).toBeCloseTo(2, 6);
  });

  it("without running statistics or weights they have none, and evaluation uses the batch", () => {
    const layer = new BatchNorm1d(1, { trackRunningStats: false, affine: false });
    expect([layer.parameters(), layer.namedBuffers()]).toEqual([[], []]);
    expect([...layer.forward(tensor([[1], [3]])).toArray()].map(Math.round)).toEqual([-1, 1]);
  });

  it("say which axes they need", () => {
    expect(() => new BatchNorm2d(2).forward(ones([2, 2]))).toThrow("BatchNorm2d: the input is [2, 2]. It needs images [batch, channels, height, width].");
    expect(() => new BatchNorm1d(2).forward(ones([2, 2, 2, 2]))).toThrow("BatchNorm1d: the input is [2, 2, 2, 2]. It needs [batch, channels] or [batch, channels, length].");
    expect(new BatchNorm3d(2).forward(ones([1, 2, 1, 1, 1])).shape).toEqual([1, 2, 1, 1, 1]);
    expect(() => new BatchNorm1d(2).forward(ones([1, 2]), { training: true })).toThrow("batchNorm: the input is [1, 2], one number for each channel");
  });

  it("keep their statistics through scopes, and evaluation within noGrad saves nothing", () => {
    const layer = new BatchNorm1d(1);
    scope(() => layer.forward(tensor([[1], [3]]), { training: true }));
    expect(noGrad(() => scope(() => layer.forward(tensor([[0.2]])))).item()).toBeCloseTo(0, 6);
  });
});

describe("normalisation layers", () => {
  it("start as the plain functions, with PyTorch's parameters", () => {
    const layers: [Module, string[]][] = [
      [new LayerNorm([3, 4]), ["weight", "bias"]], [new LayerNorm(4, { bias: false }), ["weight"]], [new LayerNorm(4, { affine: false }), []], [new RMSNorm(4), ["weight"]],
      [new GroupNorm(2, 4), ["weight", "bias"]], [new InstanceNorm(4), []], [new InstanceNorm(4, { affine: true }), ["weight", "bias"]], [new LocalResponseNorm(5), []],
    ];
    for (const [layer, names] of layers) {
      expect(layer.parameters().map((p) => p.name)).toEqual(names);
      for (const p of layer.parameters()) expect([...new Set(p.data)]).toEqual([p.name === "weight" ? 1 : 0]);
    }
    expect(new LayerNorm([3, 4]).forward(ones([2, 3, 4])).shape).toEqual([2, 3, 4]);
    expect(() => new GroupNorm(3, 4)).toThrow("GroupNorm: 4 channels cannot be split into 3 groups.");
    expect(() => new InstanceNorm(3).forward(zeros([1, 2, 4]))).toThrow("InstanceNorm: the input is [1, 2, 4]. It needs [batch, 3, ...].");
  });

  it("the gradients of a net with all of them equal central differences in float64", () => {
    const model = new Sequential({
      conv: new Conv2d(1, 4, 3, of), bn: new BatchNorm2d(4, { dtype: "f64" }), group: new GroupNorm(2, 4, { dtype: "f64" }), up: new ConvTranspose2d(4, 2, 2, { ...of, stride: 2 }),
      instance: new InstanceNorm(2, { dtype: "f64", affine: true }), local: new LocalResponseNorm(2, { alpha: 0.1 }), flatten: new Flatten(), norm: new LayerNorm(32, { dtype: "f64" }),
      fc: new Linear(32, 3, of), rms: new RMSNorm(3, { dtype: "f64" }),
    });
    const [x, weights] = [random(2, 1, 4, 4), random(2, 3)];
    const { error, worst } = gradcheck(() => sum(mul(model.forward(x, { training: true, updateStatistics: false }), weights)), model.parameters());
    expect(error, worst).toBeLessThan(1e-6);
  });
});

describe("Module", () => {
  it("names buffers, lists layers with their depth, and restores both kinds of state or none", () => {
    class Net extends Module {
      readonly blocks = [new Sequential({ conv: new Conv2d(1, 2, 1, of), bn: new BatchNorm2d(2) }), new Sequential({ conv: new Conv2d(2, 2, 1, of) })];
      readonly fc = new Linear(2, 2, of);
      forward = () => ones([1]);
    }
    const net = new Net();
    expect(net.namedParameters().map(({ name, layer, depth }) => [name, layer, depth])).toEqual([
      ["blocks.0.conv.weight", "blocks.0.conv", 0], ["blocks.0.conv.bias", "blocks.0.conv", 0], ["blocks.0.bn.weight", "blocks.0.bn", 1], ["blocks.0.bn.bias", "blocks.0.bn", 1],
      ["blocks.1.conv.weight", "blocks.1.conv", 2], ["blocks.1.conv.bias", "blocks.1.conv", 2], ["fc.weight", "fc", 3], ["fc.bias", "fc", 3],
    ]);
    expect(net.namedBuffers().map(({ name }) => name)).toEqual(["blocks.0.bn.runningMean", "blocks.0.bn.runningVar", "blocks.0.bn.numBatchesTracked"]);
    const state = net.stateDict();
    expect(Object.keys(state).slice(-2)).toEqual(["blocks.0.bn.runningVar", "blocks.0.bn.numBatchesTracked"]);
    const changed = { ...state, "blocks.0.bn.runningMean": { shape: [2], data: Float32Array.of(5, 6) } };
    net.loadStateDict(changed);
    expect([...net.namedBuffers()[0].buffer.toArray()]).toEqual([5, 6]);
    delete (changed as Record<string, unknown>)["blocks.0.bn.runningVar"];
    expect(() => net.loadStateDict(changed)).toThrow("loadStateDict: the state lacks blocks.0.bn.runningVar.");
  });
});
