import { backward } from "@llr/autograd";
import { crossEntropy, Rng, scope, tensor, type Tensor } from "@llr/tensor";
import { type Gpu, useGpu } from "@llr/tensor/gpu";
import { beforeEach, describe, expect, it } from "vitest";
import { BatchNorm2d, Flatten, MaxPool2d, ReLU, Sequential } from "./index.ts";

// Layers do not know of devices: every kernel is tested on all of them in @llr/tensor, so one is enough here.
let gpu: Gpu;
beforeEach(async () => {
  gpu = await useGpu({ engine: "webasm", software: true });
});

const build = () => new Sequential({ bn: new BatchNorm2d(3), relu: new ReLU(), pool: new MaxPool2d(3, { stride: 2, padding: 1 }), flatten: new Flatten() });
const labels = tensor(Int32Array.of(2, 0, 11, 5));

/** Two passes in training, with other images each; the last loss, with its gradients left in the model. */
function twoPasses(model: ReturnType<typeof build>): Tensor {
  const rng = new Rng(3);
  const images = () => tensor(Float32Array.from({ length: 4 * 3 * 5 * 7 }, () => 2 + rng.normal()), [4, 3, 5, 7]);
  const pass = () => scope(() => {
    model.parameters().forEach((p) => (p.storage.buffer === null ? (p.grad = null) : (p.deviceGrad = null)));
    const loss = crossEntropy(model.forward(images(), { training: true }), labels);
    backward(loss);
    return loss;
  });
  pass();
  return pass();
}

const close = (found: ArrayLike<number>, right: ArrayLike<number>) => Array.from(right, (x, i) => expect(found[i]).toBeCloseTo(x, 5)); // sums of some 100 numbers of order 1 in single precision

describe("a model on a device", () => {
  it("trains there as in memory: loss, gradients and running statistics", async () => {
    const [here, there] = [build(), build()];
    const right = twoPasses(here).item();
    there.moveTo(gpu);
    const loss = twoPasses(there);
    expect(() => loss.item()).toThrow(/lies on/);
    expect((await loss.read())[0]).toBeCloseTo(right, 5);
    for (const [i, p] of there.parameters().entries()) close(await p.deviceGrad!.read(), here.parameters()[i].grad!);
    await there.moveFrom(gpu);
    const [saved, expected] = [there.stateDict(), here.stateDict()];
    expect(Object.keys(saved)).toEqual(Object.keys(expected));
    for (const [name, { data }] of Object.entries(expected)) close(saved[name].data, data);
    expect([...saved["bn.numBatchesTracked"].data]).toEqual([2]);
  });

  it("evaluates there by its running statistics", async () => {
    const model = build();
    twoPasses(model);
    const x = tensor(Float32Array.from({ length: 3 * 5 * 7 }, (_, i) => Math.sin(i)), [1, 3, 5, 7]);
    const right = model.forward(x).toArray();
    model.moveTo(gpu);
    close(await model.forward(x).read(), right);
  });

  it("takes its parameters and statistics there and back; counters, which modules read, stay in memory", async () => {
    const model = build();
    const before = model.stateDict();
    const places = (): boolean[] => [...model.parameters(), ...model.namedBuffers().map(({ buffer }) => buffer)].map((t) => t.storage.buffer !== null);
    model.moveTo(gpu);
    expect(places()).toEqual([true, true, true, true, false]);
    await model.moveFrom(gpu);
    expect(places()).toEqual([false, false, false, false, false]);
    expect(model.stateDict()).toEqual(before);
  });

  it("leaves as many buffers after 30 passes as after 2", () => {
    const model = build();
    model.moveTo(gpu);
    scope(() => void twoPasses(model));
    const { buffers } = gpu.memory();
    for (let i = 0; i < 14; i++) scope(() => void twoPasses(model));
    expect(gpu.memory().buffers).toBe(buffers);
  });
});
