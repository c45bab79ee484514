import { describe, expect, it } from "vitest";
import { backward, gradcheck, noGrad, parameter } from "@llr/autograd";
import { crossEntropy, memoryStats, mul, resetPeakMemory, Rng, scope, tensor, type Tensor, zeros } from "@llr/tensor";
import type { ModelState } from "./index.ts";
import { AvgPool2d, caffeLeNet, Conv2d, Flatten, leNet5, Linear, MaxPool2d, mlp, Module, ModelStateError, ReLU, Sequential, Sigmoid, Tanh } from "./index.ts";

const count = (model: Module) => model.parameters().reduce((n, p) => n + p.size, 0);

describe("models", () => {
  it("have the parameter counts of their sources", () => {
    expect(count(leNet5({ rng: new Rng(1) }))).toBe(61_706);
    expect(count(caffeLeNet({ rng: new Rng(1) }))).toBe(431_080);
    expect(count(mlp([784, 256, 128, 10], { rng: new Rng(1) }))).toBe(235_146);
    expect(caffeLeNet({ rng: new Rng(1) }).forward(zeros([2, 1, 28, 28])).shape).toEqual([2, 10]);
    expect(() => mlp([3], { rng: new Rng(1) })).toThrow("mlp: sizes are [3]. It needs at least an input and an output size.");
  });

  it("start from the same numbers for the same seed and from others for another", () => {
    const first = (seed: number) => [...leNet5({ rng: new Rng(seed) }).parameters()[0].data];
    expect(first(1)).toEqual(first(1));
    expect(first(1)).not.toEqual(first(2));
  });

  it("a layer's start does not depend on the layers before it", () => {
    const last = (sizes: number[]) => Array.from(mlp(sizes, { rng: new Rng(1) }).parameters()[0].data.subarray(0, 5));
    expect(last([4, 8, 2])).toEqual(last([4, 8, 8, 8, 2]));
  });

  it("the gradients of a whole LeNet-like net equal central differences in float64", () => {
    const rng = new Rng(2);
    const of = { rng, dtype: "f64" } as const;
    const model = new Sequential({
      conv1: new Conv2d(1, 2, 3, { ...of, padding: 1 }), relu: new ReLU(), pool1: new MaxPool2d(2), tanh: new Tanh(),
      conv2: new Conv2d(2, 2, 2, { ...of, bias: false }), pool2: new AvgPool2d(2, { stride: 1 }), sigmoid: new Sigmoid(),
      flatten: new Flatten(), fc: new Linear(2, 3, of),
    });
    const images = Float64Array.from({ length: 72 }, () => rng.normal());
    const { error, worst } = gradcheck(() => crossEntropy(model.forward(tensor(images, [2, 1, 6, 6])), tensor(Int32Array.of(2, 0))), model.parameters());
    expect(error, worst).toBeLessThan(1e-6);
  });
});

describe("Module", () => {
  class Tied extends Module {
    readonly outer = new Sequential({ a: new Linear(2, 2, { rng: new Rng(1), bias: false }) });
    readonly own = parameter([1, 1]);
    readonly again = this.outer.layers["a"];
    forward(x: Tensor): Tensor {
      return mul(this.again.forward(this.outer.forward(x)), this.own);
    }
  }

  it("names parameters by their first path and lists shared ones once", () => {
    const model = new Tied();
    expect(model.parameters().map((p) => [p.name, p.layer])).toEqual([["outer.a.weight", "outer.a"], ["own", ""]]);
    expect(model.layerNames()).toEqual(["outer.a", ""]);
    backward(model.forward(tensor([[1, 2]])), { seed: tensor([[1, 1]]) });
    expect(model.parameters().every((p) => p.grad !== null)).toBe(true);
    model.zeroGrad();
    expect(model.parameters().every((p) => p.grad === null)).toBe(true);
  });

  it("a stale backward pass names the parameter by its path", () => {
    const model = mlp([2, 3, 2], { rng: new Rng(1) });
    const [first] = model.parameters();
    const loss = crossEntropy(model.forward(tensor([[1, 2]])), tensor(Int32Array.of(0)));
    model.parameters()[2].afterUpdate();
    expect(() => backward(loss)).toThrow("backward: fc2.weight was updated in place after matmul read it.");
    expect(first.grad).toBeNull();
  });

  it("its state is a copy that restores the model, all or nothing", () => {
    const model = mlp([2, 3, 2], { rng: new Rng(1) });
    const state = model.stateDict();
    const other = mlp([2, 3, 2], { rng: new Rng(2) });
    other.loadStateDict(state);
    const x = tensor([[1, -1]]);
    expect([...other.forward(x).toArray()]).toEqual([...model.forward(x).toArray()]);

    const before = [...other.parameters()[0].data];
    const broken = (change: (s: ModelState) => void): ModelState => {
      const copy = mlp([2, 3, 2], { rng: new Rng(3) }).stateDict();
      change(copy);
      return copy;
    };
    const refusals: [ModelState, string][] = [
      [broken((s) => delete s["fc2.bias"]), "loadStateDict: the state lacks fc2.bias. Save all of fc1.weight, fc1.bias, fc2.weight, fc2.bias."],
      [broken((s) => { s["fc9.bias"] = s["fc2.bias"]; }), "loadStateDict: the state holds fc9.bias, which the model does not have."],
      [broken((s) => { s["fc2.bias"] = { shape: [3], data: new Float32Array(3) }; }), "loadStateDict: fc2.bias has shape [2], the saved one [3] (3 numbers)."],
    ];
    for (const [s, message] of refusals) {
      expect(() => other.loadStateDict(s)).toThrow(message);
      expect(() => other.loadStateDict(s)).toThrow(ModelStateError);
    }
    expect([...other.parameters()[0].data]).toEqual(before);
  });
});

describe("memory of a deep net", () => {
  // 50 layers of 256, batch 128: one activation is 128 KiB.
  const width = 256;
  const model = mlp(Array.from({ length: 51 }, () => width), { rng: new Rng(1) });
  const x = new Float32Array(128 * width).fill(0.5);
  const labels = new Int32Array(128);

  it("evaluation holds a few activations at a time, not all of them", () => {
    const peak = scope(() => {
      resetPeakMemory();
      const before = memoryStats().liveBytes;
      noGrad(() => model.forward(tensor(x, [128, width])));
      return memoryStats().peakBytes - before;
    });
    // And while a layer is computed, the packed operands of its matmul: a weight matrix and an activation.
    expect(peak).toBeLessThan((5 + 3) * 128 * 1024);
  });

  it("training keeps one activation a layer, not three, and no gradients of activations", () => {
    const step = () => scope(() => backward(crossEntropy(model.forward(tensor(x, [128, width])), tensor(labels))));
    step(); // makes the parameters' gradients
    const peak = scope(() => {
      resetPeakMemory();
      const before = memoryStats().liveBytes;
      step();
      return memoryStats().peakBytes - before;
    });
    // Kept for the derivatives: the output of each ReLU, 50 * 128 KiB = 6.25 MiB. Without dropping it is 18 MiB.
    expect(peak).toBeLessThan(7.5 * 2 ** 20);
  });

  it("a caller's input is never dropped, nor what a view of it needs", () => {
    scope(() => {
      const images = tensor(new Float32Array(4), [1, 1, 2, 2]);
      noGrad(() => mlp([4, 3, 2], { rng: new Rng(1) }).forward(images)); // no history holds on to the input
      expect([...images.toArray()]).toEqual([0, 0, 0, 0]);
    });
  });
});
