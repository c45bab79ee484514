import { describe, expect, it } from "vitest";
import { parameter } from "@llr/autograd";
import { matmul, memoryStats, Rng, type Shape, type Tensor } from "@llr/tensor";
import { sizeOf } from "@llr/tensor/engine";
import { BatchNorm1d, Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, Embedding, Flatten, GRU, leNet5, Linear, LSTM, lstmLanguageModel, Module, ReLU, resNet18, resNetCifar, RNN, Sequential, summary } from "./index.ts";

const rng = new Rng(1);

describe("summary", () => {
  it("LeNet-5: 61,706 parameters and 416,520 multiply-adds, as by hand", () => {
    const { layers, table, ...totals } = summary(leNet5({ rng }), [1, 28, 28]);
    expect(totals).toEqual({ parameters: 61_706, multiplyAdds: 28 * 28 * 6 * 25 + 10 * 10 * 16 * 6 * 25 + 400 * 120 + 120 * 84 + 84 * 10 });
    expect(totals.multiplyAdds).toBe(416_520);
    expect(layers.find((l) => l.name === "pool2")).toEqual({ name: "pool2", kind: "MaxPool2d", outputShape: [1, 16, 5, 5], parameters: 0, multiplyAdds: 0 });
    const lines = table.split("\n");
    expect(lines).toHaveLength(14);
    expect(lines.map((l) => l.length)).toEqual(lines.map(() => lines[0].length));
    expect([lines[0], lines[8], lines[13]]).toEqual([
      "layer    kind       output           parameters  multiply-adds",
      "fc1      Linear     [1, 120]             48,120         48,000",
      "total                                    61,706        416,520",
    ]);
  });

  it("residual nets: 40.55 M for ResNet-20 at 32 x 32, 1.814 G for ResNet-18 at 224 x 224", () => {
    const { parameters, multiplyAdds, layers } = summary(resNetCifar({ depth: 20, rng }), [3, 32, 32]);
    // 3 -> 16 at 32 x 32; 6 convolutions a stage of 2,359,296 each, those that halve half of that; 64 -> 10. Shortcuts A are free.
    expect([parameters, multiplyAdds]).toEqual([269_722, 3 * 16 * 9 * 1024 + 6 * 2_359_296 + 2 * 5.5 * 2_359_296 + 640]);
    expect(multiplyAdds).toBe(40_551_040);
    expect(layers.every((l) => l.outputShape !== null)).toBe(true);
    expect(summary(resNet18({ rng }), [3, 224, 224]).multiplyAdds).toBe(1_814_073_344); // published: 1.8e9
  });

  it("counts groups, strides, transposed convolutions and every axis", () => {
    const of = (layer: Module, shape: Shape) => summary(layer, shape).multiplyAdds;
    expect(of(new Conv1d(2, 4, 3, { rng }), [2, 10])).toBe(8 * 4 * 2 * 3);
    expect(of(new Conv2d(4, 8, [3, 1], { rng, groups: 2, stride: 2, padding: 1 }), [4, 5, 5])).toBe(3 * 4 * 8 * 2 * 3);
    expect(of(new Conv3d(1, 2, 2, { rng }), [1, 3, 3, 3])).toBe(8 * 2 * 8);
    expect(of(new ConvTranspose1d(4, 6, 3, { rng, groups: 2, stride: 2 }), [4, 5])).toBe(5 * 4 * 3 * 3);
    expect(of(new ConvTranspose2d(3, 2, 2, { rng, stride: 2 }), [3, 4, 4])).toBe(16 * 3 * 2 * 4);
    expect(of(new Linear(3, 5, { rng }), [7, 3])).toBe(7 * 3 * 5);
  });

  it("recurrent nets: two products a step, layer and direction, and a tied weight once", () => {
    const recurrent = { rng, bidirectional: true, layers: 2 };
    expect(summary(new RNN(3, 5, recurrent), [7, 3], { batchAxis: 1 }).multiplyAdds).toBe(7 * 2 * (5 * 3 + 5 * 5 + 5 * 10 + 5 * 5));
    expect(summary(new GRU(3, 5, { rng, batchFirst: true }), [7, 3]).multiplyAdds).toBe(7 * 3 * (5 * 3 + 5 * 5));
    expect(summary(new LSTM(3, 5, { rng, bias: false }), [7, 3], { batchAxis: 1 }).layers).toEqual([
      { name: "", kind: "LSTM", outputShape: [7, 1, 5], parameters: 160, multiplyAdds: 7 * 160 },
    ]);
    const model = lstmLanguageModel({ tokens: 50, hidden: 8, rng });
    const { layers } = summary(model, [6], { dtype: "i32", batchAxis: 1 });
    expect(layers.map((l) => [l.name, l.outputShape, l.parameters, l.multiplyAdds])).toEqual([
      ["encoder", [6, 1, 8], 400, 0], ["rnn", [6, 1, 8], 576, 6 * 512], ["decoder", [6, 1, 50], 50, 6 * 400], ["dropout", [6, 1, 8], 0, 0],
    ]);
    expect(summary(new Embedding(9, 2, { rng }), [4], { dtype: "i32" }).multiplyAdds).toBe(0);
  });

  class Own extends Module {
    readonly fc = new Linear(3, 3, { rng });
    readonly weight = parameter([[1], [1], [1]]);
    readonly spare = new Sequential({ head: new Linear(3, 2, { rng }) });
    forward(x: Tensor): Tensor {
      return matmul(this.fc.forward(this.fc.forward(x)), this.weight);
    }
    override multiplyAdds(input: Shape): number {
      return sizeOf(input);
    }
  }

  it("a layer that runs twice counts twice, parameters outside of layers count, and what did not run is said to", () => {
    const { layers, parameters, table } = summary(new Sequential({ own: new Own(), relu: new ReLU() }), [3]);
    expect(layers.map((l) => [l.name, l.outputShape, l.parameters, l.multiplyAdds])).toEqual([
      ["own", [1, 1], 3, 3], ["own.fc", [1, 3], 12, 18], ["own.spare.head", null, 8, 0], ["relu", [1, 1], 0, 0],
    ]);
    expect(parameters).toBe(23);
    expect(table).toContain("own.spare.head  Linear  did not run");
  });

  it("leaves the model and the memory as they were, also if the pass fails", () => {
    const model = new Sequential({ flatten: new Flatten(), norm: new BatchNorm1d(4), fc: new Linear(4, 2, { rng }) });
    const { liveBytes } = memoryStats();
    const before = model.stateDict();
    expect(summary(model, [2, 2]).multiplyAdds).toBe(8);
    expect(() => summary(model, [5])).toThrow("batchNorm");
    expect(() => summary(model, [4], { batchAxis: 2 })).toThrow("summary: batchAxis is 2. It needs a whole number from 0 to 1 for examples of shape [4].");
    expect(model.stateDict()).toEqual(before);
    expect(memoryStats().liveBytes).toBe(liveBytes);
    for (const { module } of model.namedModules()) expect(Object.hasOwn(module, "forward")).toBe(false);
  });
});
