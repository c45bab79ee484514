import { add, apply, assign, concat, crossEntropy, dropout, matmul, max, mean, mul, norm, type Primitive, relu, reshape, Rng, scope, sin, slice, softplus, sum, tensor, type Tensor, transpose } from "@llr/tensor";
import { type Gpu, useGpu } from "@llr/tensor/gpu";
import { beforeEach, describe, expect, it } from "vitest";
import { backward, grad, type Parameter, parameter } from "./index.ts";

// Backward passes do not know of devices: every kernel is tested on all of them in @llr/tensor, so one is enough here.
let gpu: Gpu;
let w1: Parameter;
let w2: Parameter;
const x = new Rng(1);
const batch = Float32Array.from({ length: 6 }, () => x.normal());

beforeEach(async () => {
  gpu = await useGpu({ engine: "webasm", software: true });
  const rng = new Rng(2);
  const weights = (n: number): Float32Array => Float32Array.from({ length: n }, () => rng.normal());
  w1 = parameter(weights(15), { shape: [3, 5], name: "w1" });
  w2 = parameter(weights(5), { shape: [5, 1], name: "w2" });
});

/** Sum of a small net's outputs. */
const forward = (): Tensor => reshape(matmul(tensor(Float32Array.of(1, 1), [1, 2]), matmul(relu(matmul(tensor(batch, [2, 3]), w1)), w2)), []);

describe("on a device", () => {
  it("backward leaves the gradients of the pass in memory, on the device", async () => {
    scope(() => backward(forward()));
    const inMemory = [w1.grad!.slice(), w2.grad!.slice()];
    gpu.move([w1, w2]);
    const loss = scope(() => {
      const y = forward();
      backward(y);
      return y;
    });
    // Sums of 5 numbers of order 1, added up in another order.
    for (const [i, w] of [w1, w2].entries()) [...(await w.deviceGrad!.read())].forEach((g, j) => expect(g).toBeCloseTo(inMemory[i][j], 5));
    expect(await loss.read()).toHaveLength(1);
  });

  it("backward passes through dropout, joins, slices, broadcasts and reductions as in memory", async () => {
    const b = parameter(Float32Array.from({ length: 5 }, (_, i) => 0.3 * i - 0.5), { name: "b" });
    const pass = (): Tensor => scope(() => {
      const h = dropout(relu(add(matmul(tensor(batch, [2, 3]), w1), b)), { p: 0.4, training: true, rng: new Rng(5) });
      const joined = concat([h, mul(h, 2), transpose(reshape(h, [5, 2]))], { axis: 1 });
      const part = slice(joined, { starts: [0, 14], ends: [2, 0], steps: [1, -3] });
      const loss = add(mean(softplus(part)), add(mul(sum(max(joined, { axes: 0 })), 0.1), norm(joined)));
      backward(loss);
      return loss;
    });
    const right = [pass().item(), ...w1.grad!, ...b.grad!];
    gpu.move([w1, b]);
    const loss = await pass().read();
    const found = [...loss, ...(await w1.deviceGrad!.read()), ...(await b.deviceGrad!.read())];
    found.forEach((g, i) => expect(g).toBeCloseTo(right[i], 5)); // sums of some 10 numbers of order 1
  });

  it("grad gives tensors of the device, and a seed in memory is taken along", async () => {
    gpu.move([w1, w2]);
    const [dw2] = scope(() => grad(forward(), [w2], { seed: tensor(2) }));
    const [one] = scope(() => grad(forward(), [w2]));
    expect(() => dw2.toArray()).toThrow(/lies on/);
    expect(Array.from(await dw2.read(), (g) => g / 2)).toEqual(Array.from(await one.read()));
  });

  it("a parameter's data and grad refuse by its name, so that an optimizer in memory cannot skip it silently", () => {
    gpu.move([w1]);
    const refusal = /^w1: w1 lies on .*deviceOptimizer of @llr\/train\/gpu.*await model\.moveFrom\(gpu\)/;
    expect(() => w1.data).toThrow(refusal);
    expect(() => w1.grad).toThrow(refusal);
    expect(() => (w1.grad = null)).toThrow(refusal);
  });

  it("an update of a parameter is seen by history: a backward pass through older numbers is refused", () => {
    gpu.move([w1, w2]);
    scope(() => {
      const loss = forward();
      assign(w2, relu(w2));
      expect(() => backward(loss)).toThrow("w2 was updated in place after matmul read it");
    });
  });

  it("a parameter that moves between the forward and the backward pass gets its gradient where it is then", async () => {
    const pass = (then: () => void): void => scope(() => {
      const loss = add(sum(mul(add(w2, 1), add(w2, 2))), forward());
      then();
      backward(loss);
    });
    pass(() => {});
    const inMemory = [w1.grad!.slice(), w2.grad!.slice()];
    pass(() => gpu.move([w1, w2]));
    for (const [i, w] of [w1, w2].entries()) [...(await w.deviceGrad!.read())].forEach((g, j) => expect(g).toBeCloseTo(inMemory[i][j], 5)); // sums of 4 numbers of order 1
  });

  it("of a model that is moved in part, what stays in memory is named when its gradient comes from there", () => {
    gpu.move([w2]);
    const inMemory = matmul(tensor(batch, [2, 3]), w1);
    expect(() => scope(() => backward(sum(matmul(inMemory, w2))))).toThrow(/^w1: .* lies on/);
  });

  it("a move leaves no gradient: one of before would be taken for that of passes since", async () => {
    scope(() => backward(forward()));
    gpu.move([w1, w2]);
    expect(w1.deviceGrad).toBeNull();
    scope(() => backward(forward()));
    await gpu.retrieve([w1, w2]);
    expect(w1.grad).toBeNull();
    gpu.move([w1, w2]);
    expect(w1.deviceGrad).toBeNull();
  });

  it("grad of grad is as in memory, and leaves no buffer but its result", async () => {
    const direction = tensor(Float32Array.from({ length: 15 }, (_, i) => Math.sin(i)), [3, 5]);
    const product = (): Tensor => scope(() => {
      const loss = crossEntropy(matmul(softplus(matmul(tensor(batch, [2, 3]), w1)), concat([w2, mul(w2, w2)], { axis: 1 })), tensor(Int32Array.of(0, 1)));
      const [g] = grad(loss, [w1], { createGraph: true });
      return grad(sum(mul(g, direction)), [w1])[0];
    });
    const right = product().toArray();
    gpu.move([w1, w2]);
    const { buffers } = gpu.memory();
    const found = product();
    expect(gpu.memory().buffers).toBe(buffers + 1);
    (await found.read()).forEach((h, i) => expect(h).toBeCloseTo(right[i], 5)); // sums of some 10 numbers of order 1
  });

  it("a pass that meets an op without a kernel leaves no buffer, and the parameters as they were", () => {
    gpu.move([w1, w2]);
    const refused: Primitive<null> = {
      kind: "primitive", name: "refused", saves: [0], nan: "propagates", shape: ([s]) => s,
      reference: () => {}, derivative: (dOut, { inputs: [s] }) => [mul(dOut, sin(s))],
    };
    const { buffers } = gpu.memory();
    expect(() => scope(() => backward(sum(sin(matmul(relu(matmul(tensor(batch, [2, 3]), w1)), w2)))))).toThrow(/^sin: .* has no kernel for sin/);
    expect(() => scope(() => backward(sum(apply(refused, [w2], null))))).toThrow(/^refused: .* has no kernel for refused/);
    expect(gpu.memory().buffers).toBe(buffers);
    expect([w1.deviceGrad, w2.deviceGrad]).toEqual([null, null]);
  });

  it("a step leaves the buffers of parameters and gradients, and nothing else", () => {
    gpu.move([w1, w2]);
    const step = (): void => scope(() => backward(forward()));
    step();
    const { buffers } = gpu.memory();
    for (let i = 0; i < 50; i++) {
      w1.deviceGrad = w2.deviceGrad = null;
      step();
    }
    expect(gpu.memory().buffers).toBe(buffers);
  });

  it("moved back with a gradient on the device, a parameter learns in memory again", async () => {
    gpu.move([w1, w2]);
    scope(() => backward(forward()));
    await gpu.retrieve([w1, w2]);
    expect(w1.grad).toBeNull();
    scope(() => backward(forward()));
    expect(w1.grad!.length).toBe(15);
  });
});
