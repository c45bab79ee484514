// The device optimizers against @llr/optim, which defines what is right.
import { backward, type Parameter, parameter } from "@llr/autograd";
import type { FloatArray, Optimizer, Param, StepRecord, UpdateRule } from "@llr/optim";
import { adamRule, adamWRule, createOptimizer, decoupled, l2, larcRule, larsRule, lambRule, larsUnscaledMomentumRule, madLlrRule, oneCycle, sgd, sgdRule, vectors } from "@llr/optim";
import { buffer, matmul, relu, reshape, Rng, scope, sub, tensor } from "@llr/tensor";
import { type Gpu, useGpu } from "@llr/tensor/gpu";
import { beforeAll, describe, expect, test } from "vitest";
import { testOptions } from "../../../../tools/testGpus.ts";
import { type DeviceOptimizer, deviceOptimizer } from "./deviceOptimizer.ts";

type AnyRule = UpdateRule<never>;
type Options = Record<string, unknown>;

const STEPS = 20;
/** A second layer of one weight and bias; a tensor longer than one stage of a sum; a layer of its own. */
const SHAPES: readonly (readonly [name: string, shape: readonly number[]])[] = [["fc1.weight", [7, 5]], ["fc1.bias", [7]], ["fc2.weight", [40, 33]], ["fc2.bias", [1]], ["head.weight", [3, 1, 2]]];

const cycle = oneCycle({ peak: 0.2, steps: STEPS });
const CASES: readonly (readonly [string, unknown, Options])[] = [
  ["sgd", sgdRule, { lr: 0.1 }],
  ["sgd with momentum, dampening and l2", sgdRule, { lr: 0.1, momentum: 0.9, dampening: 0.1, weightDecay: l2(0.1) }],
  ["sgd with Nesterov and decoupled decay", sgdRule, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: decoupled(0.1) }],
  ["sgd with schedules, climbing", sgdRule, { lr: cycle.lr, momentum: cycle.momentum, maximize: true, weightDecay: l2(0.01) }],
  ["sgd with groups, exclusions and layer scales", sgdRule, { lr: 0.1, momentum: 0.9, weightDecay: 0.1, exclude: vectors, layerScale: ({ index }: { index: number }) => 1 + index, groups: [{ params: "fc2.*", lr: cycle.lr, momentum: 0, weightDecay: decoupled(0.1) }] }],
  ["adam with amsgrad", adamRule, { lr: 0.1, amsgrad: true, weightDecay: l2(0.1) }],
  ["adam with a short memory", adamRule, { lr: 0.1, beta1: 0, beta2: 0.3 }],
  ["adamW", adamWRule, { lr: cycle.lr, beta1: cycle.momentum, groups: [{ params: vectors, weightDecay: 0 }] }],
  ["lars", larsRule, { lr: 5, trustCoefficient: 0.01 }],
  ["lars with schedules, Nesterov and decoupled decay, nothing excluded", larsRule, { lr: (t: number) => 5 + t / 4, trustCoefficient: 0.01, nesterov: true, weightDecay: decoupled(0.01), exclude: [] }],
  ["lars with the momentum unscaled", larsUnscaledMomentumRule, { lr: 5, trustCoefficient: 0.01 }],
  ["larc", larcRule, { lr: 0.05, momentum: 0.9, weightDecay: 0.01 }],
  ["larc with a rate that is 0 at times", larcRule, { lr: (t: number) => (t % 3) / 50 }],
  ["larc in scale mode", larcRule, { lr: cycle.lr, momentum: cycle.momentum, mode: "scale", trustCoefficient: 0.1, exclude: { decay: vectors } }],
  ["madLlr", madLlrRule, { lr: 0.1, warmup: 3, momentum: 0.5, weightDecay: 0.01 }],
  ["madLlr with a schedule, layers together, vectors excluded", madLlrRule, { lr: cycle.lr, baseLr: 0.2, warmup: 2, growth: 1.1, scope: "layer", exclude: vectors }],
  ["madLlr with a high floor", madLlrRule, { lr: 0.1, warmup: 0, floor: 0.3, coefficient: 0.1 }],
  ["madLlr, literal", madLlrRule, { lr: 0.05, mode: "literal" }],
];

const start = (index: number, size: number): Float32Array => {
  const numbers = new Float32Array(size);
  new Rng(index).stream("start").fillNormal(numbers, 0, 0.5);
  return numbers;
};

/** Those of a quadratic with some noise, the same for both sides. The bias of fc1 has none in step 4, the head zeros in step 5. */
function gradient(index: number, t: number, size: number): Float32Array | null {
  if (index === 1 && t === 4) return null;
  if (index === 4 && t === 5) return new Float32Array(size);
  const w = start(index, size);
  return Float32Array.from(w, (x, i) => (0.3 + 0.02 * index) * x * 0.95 ** t + 0.02 * Math.sin(t + i * (index + 1)));
}

interface Run {
  readonly weights: readonly FloatArray[];
  readonly records: readonly StepRecord[][];
  readonly optimizer: Optimizer<never>;
}

function inMemory(rule: unknown, options: Options, steps = STEPS): Run {
  const params = SHAPES.map(([name, shape], k): Param => {
    const size = shape.reduce((a, b) => a * b, 1);
    return { name, shape, layer: name.split(".")[0]!, data: start(k, size), grad: null };
  });
  const optimizer = createOptimizer(rule as AnyRule, params, { ...options, nonFinite: "propagate" } as never);
  const records = Array.from({ length: steps }, (_, t) => optimizer.step(new Map(params.map((p, k) => [p.name, gradient(k, t, p.data.length)]))));
  return { weights: params.map((p) => p.data), records, optimizer: optimizer as Optimizer<never> };
}

function parametersOn(gpu: Gpu): Parameter[] {
  const params = SHAPES.map(([name, shape], k) => parameter(start(k, shape.reduce((a, b) => a * b, 1)), { name, layer: name.split(".")[0]!, shape }));
  gpu.move(params);
  return params;
}

function giveGradients(gpu: Gpu, params: readonly Parameter[], t: number): void {
  scope(() => {
    for (const [k, p] of params.entries()) {
      const g = gradient(k, t, p.size);
      p.deviceGrad = null;
      if (g !== null) p.accumulate(gpu.upload(tensor(g, p.shape)));
    }
  });
}

function optimizerOn(gpu: Gpu, rule: unknown, options: Options, params = parametersOn(gpu)): { params: Parameter[]; optimizer: DeviceOptimizer<never> } {
  return { params, optimizer: deviceOptimizer(gpu, rule as AnyRule, params, { snapshotEvery: 0, ...options } as never) };
}

async function onDevice(gpu: Gpu, rule: unknown, options: Options, steps = STEPS): Promise<{ params: Parameter[]; records: StepRecord[][]; optimizer: DeviceOptimizer<never> }> {
  const { params, optimizer } = optimizerOn(gpu, rule, options);
  const records: StepRecord[][] = [];
  for (let t = 0; t < steps; t++) {
    giveGradients(gpu, params, t);
    optimizer.step();
    records.push(await optimizer.readRecords());
  }
  return { params, records, optimizer };
}

/** Largest difference, relative to the largest expected number. */
function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [largest, scale] = [0, 1e-3];
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return largest / scale;
}

describe.each(testOptions().map((o) => [o.engine!, o] as const))("on %s", (_, option) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await useGpu(option);
  });

  // 20 steps of a dozen roundings to 2^-24 each; norms and with them rates are good to 1e-6, and steps feed on each other.
  const TOLERANCE = 2e-5;

  test.each(CASES)("%s takes the steps of the optimizer in memory: weights, state and records", async (name, rule, options) => {
    const [right, found] = [inMemory(rule, options), await onDevice(gpu, rule, options)];
    for (const [k, p] of found.params.entries()) expect(difference(await p.read(), right.weights[k]!), `${name}: ${p.name}`).toBeLessThanOrEqual(TOLERANCE);

    const [state, rightState] = [await found.optimizer.stateDict(), right.optimizer.stateDict()];
    expect({ ...state, params: null }).toEqual({ ...rightState, params: null });
    for (const [param, { arrays, numbers, ...rest }] of Object.entries(rightState.params)) {
      const own = state.params[param]!;
      expect({ ...own, arrays: Object.keys(own.arrays).sort(), numbers: Object.keys(own.numbers).sort() }).toEqual({ ...rest, arrays: Object.keys(arrays).sort(), numbers: Object.keys(numbers).sort() });
      for (const [key, array] of Object.entries(arrays)) expect(difference(own.arrays[key]!, array), `${param} ${key}`).toBeLessThanOrEqual(TOLERANCE);
      for (const [key, x] of Object.entries(numbers)) expect(Math.abs(own.numbers[key]! - x), `${param} ${key}`).toBeLessThanOrEqual(TOLERANCE * Math.abs(x));
    }

    for (const [i, record] of found.records.flat().entries()) {
      const expected = right.records.flat()[i]!;
      const where = `${record.name} at step ${Math.floor(i / SHAPES.length)}`;
      const { name: ofParam, layer, lr, limitedBy, skipped } = expected;
      expect({ ...expected, ...record }, where).toMatchObject({ name: ofParam, layer, lr, limitedBy, skipped });
      expect(Object.keys(record).sort()).toEqual(Object.keys(expected).sort());
      for (const key of ["weightNorm", "gradNorm", "trust", "rate"] as const) expect(Math.abs(record[key] - expected[key]), `${key} of ${where}`).toBeLessThanOrEqual(TOLERANCE * Math.abs(expected[key]));
      // On the device it is the difference of rounded weights: each is off by up to 2^-25 of itself.
      expect(Math.abs(record.updateNorm - expected.updateNorm), `updateNorm of ${where}`).toBeLessThanOrEqual(TOLERANCE * expected.updateNorm + 2 ** -25 * expected.weightNorm);
    }
  });

  test("Adam takes a gradient whose square overflows as in memory, and goes on after it; an infinite one still spoils its weight", async () => {
    const spikes = [2e19, -1e21, 3e38, 1];
    const own = parameter(spikes.map(() => 1), { name: "w" });
    const there: Param = { name: "w", data: new Float32Array(4).fill(1), grad: null };
    gpu.move([own]);
    const [found, right] = [deviceOptimizer(gpu, adamWRule, [own], { lr: 0.01 }), createOptimizer(adamWRule, [there], { lr: 0.01 })];
    const step = (g: readonly number[]): void => {
      own.deviceGrad = null;
      scope(() => own.accumulate(gpu.upload(tensor(Float32Array.from(g)))));
      found.step();
      right.step({ w: Float32Array.from(g) });
    };
    for (const g of [[1, 1, 1, 1], spikes, [1, 1, 1, 1], [1, 1, 1, 1]]) step(g);
    expect(difference(await own.read(), there.data)).toBeLessThanOrEqual(TOLERANCE);
    step([1, 1, 1, Infinity]);
    expect([...(await own.read())].map(Number.isFinite)).toEqual([true, true, true, false]);
  });

  test("the cases above meet every limit that a record can name", () => {
    const met = new Set(CASES.flatMap(([, rule, options]) => inMemory(rule, options).records.flat().map((record) => record.limitedBy)));
    expect([...met].map(String).sort()).toEqual(["floor", "growth", "null", "schedule", "warmup", "zeroNorm"]);
  });

  test("a net whose passes and steps are handed to the device without a pause learns as in memory", async () => {
    const normal = (seed: number, shape: readonly number[]): ReturnType<typeof tensor> => {
      const numbers = new Float32Array(shape.reduce((a, b) => a * b, 1));
      new Rng(seed).stream("net").fillNormal(numbers, 0, 0.5);
      return tensor(numbers, shape);
    };
    const [x, y] = [normal(1, [8, 6]), normal(2, [8, 1])];
    const net = (): Parameter[] => [parameter(normal(3, [6, 10]), { name: "w1", layer: "fc1" }), parameter(normal(4, [10, 1]), { name: "w2", layer: "fc2" })];
    const train = (params: Parameter[], step: () => void): void => {
      for (let t = 0; t < STEPS; t++)
        scope(() => {
          const error = sub(matmul(relu(matmul(x, params[0]!)), params[1]!), y);
          for (const p of params) if (p.storage.buffer === null) p.grad = null; else p.deviceGrad = null;
          backward(reshape(matmul(error, error, { transposeA: true }), []));
          step();
        });
    };
    const options = { lr: 0.05, momentum: 0.9, trustCoefficient: 0.05 };
    const [right, found] = [net(), net()];
    const memory = createOptimizer(larcRule, right, options);
    train(right, () => void memory.step());
    gpu.move(found);
    const device = deviceOptimizer(gpu, larcRule, found, options);
    train(found, () => device.step());
    for (const [k, p] of found.entries()) expect(difference(await p.read(), right[k]!.data)).toBeLessThanOrEqual(TOLERANCE);
  });

  const MIXED = { lr: 0.1, warmup: 3, momentum: 0.5, exclude: vectors };

  test("200 steps leave the live bytes and the compiled kernels as 5 do", async () => {
    const own = await useGpu(option); // whose memory no other test counts in
    const { params, optimizer } = optimizerOn(own, madLlrRule, { ...MIXED, snapshotEvery: 1 });
    const after = async (steps: number): Promise<object> => {
      for (let t = 0; t < steps; t++) {
        giveGradients(own, params, t % 4);
        optimizer.step();
        if (t % 50 === 0) await optimizer.readRecords();
      }
      await own.idle();
      const { liveBytes, buffers, kernels } = own.memory();
      return { liveBytes, buffers, kernels };
    };
    const early = await after(5);
    expect(await after(195)).toEqual(early);
  });

  test("parameters of one size share their kernels, however many there are", () => {
    const many = (count: number): number => {
      const before = gpu.memory().kernels;
      const params = Array.from({ length: count }, (_, k) => parameter(new Float32Array(77), { name: `p${k}`, shape: [7, 11] }));
      gpu.move(params);
      scope(() => {
        for (const p of params) p.accumulate(gpu.upload(tensor(new Float32Array(77).fill(1), [7, 11])));
      });
      deviceOptimizer(gpu, adamWRule, params, { snapshotEvery: 0 }).step();
      return gpu.memory().kernels - before;
    };
    // 3 for the arrays, 1 for the rates, and sums by how they fall into launches of 7.
    expect(many(42)).toBeLessThanOrEqual(12);
  });

  test("a gradient that is not finite shows in the record of its parameter, and in no other", async () => {
    const { params, optimizer } = optimizerOn(gpu, larcRule, { lr: 0.1 });
    giveGradients(gpu, params, 0);
    params[0]!.deviceGrad = null;
    scope(() => params[0]!.accumulate(gpu.upload(tensor(new Float32Array(35).fill(1).fill(NaN, 3, 4), [7, 5]))));
    params[4]!.deviceGrad = null;
    scope(() => params[4]!.accumulate(gpu.upload(tensor(new Float32Array(6).fill(Infinity, 2, 3), [3, 1, 2]))));
    optimizer.step();
    expect((await optimizer.readRecords()).map((r) => Number.isFinite(r.gradNorm))).toEqual([false, true, true, true, false]);
  });

  test("the state goes on in memory, and that of memory on the device", async () => {
    for (const [rule, options] of [[madLlrRule, MIXED], [adamWRule, { lr: 0.01 }]] as const) {
      const half = STEPS / 2;
      const whole = inMemory(rule, options);
      const [device, memory] = [await onDevice(gpu, rule, options, half), inMemory(rule, options, half)];

      const params = await Promise.all(SHAPES.map(async ([name, shape], k): Promise<Param> => ({ name, shape, layer: name.split(".")[0]!, data: (await device.params[k]!.read()) as Float32Array, grad: null })));
      const inHeap = createOptimizer(rule as unknown as AnyRule, params, { ...options, nonFinite: "propagate" } as never);
      inHeap.loadStateDict(await device.optimizer.stateDict());

      const moved = SHAPES.map(([name, shape], k) => parameter(memory.weights[k] as Float32Array, { name, layer: name.split(".")[0]!, shape }));
      gpu.move(moved);
      const { optimizer: there } = optimizerOn(gpu, rule, options, moved);
      there.loadStateDict(memory.optimizer.stateDict());
      expect(await there.readRecords()).toEqual([]);
      expect([inHeap.stepCount, there.stepCount]).toEqual([half, half]);

      for (let t = half; t < STEPS; t++) {
        inHeap.step(new Map(params.map((p, k) => [p.name, gradient(k, t, p.data.length)])));
        giveGradients(gpu, moved, t);
        there.step();
      }
      for (const [k, right] of whole.weights.entries()) {
        expect(difference(params[k]!.data, right), `${params[k]!.name} in memory`).toBeLessThanOrEqual(TOLERANCE);
        expect(difference(await moved[k]!.read(), right), `${params[k]!.name} on the device`).toBeLessThanOrEqual(TOLERANCE);
      }
    }
  });

  test("options that are set hold from the next step on, and a buffer that they need is made", async () => {
    const { params, optimizer } = optimizerOn(gpu, sgdRule, { lr: 0.1 });
    const right = inMemory(sgdRule, { lr: 0.1 }, 0);
    for (let t = 0; t < 4; t++) {
      if (t === 2) for (const o of [optimizer, right.optimizer]) (o as unknown as Optimizer<{ lr: number; momentum: number }>).set({ lr: 0.2, momentum: 0.9 });
      giveGradients(gpu, params, t);
      optimizer.step();
      right.optimizer.step(new Map(SHAPES.map(([name], k) => [name, gradient(k, t, params[k]!.size)])));
    }
    for (const [k, p] of params.entries()) expect(difference(await p.read(), right.weights[k]!)).toBeLessThanOrEqual(TOLERANCE);
    expect(optimizer.groups[0]!.values).toMatchObject({ lr: 0.2, momentum: 0.9 });
  });

  test("a schedule that returns what it may not ends the step before anything is written", async () => {
    const { params, optimizer } = optimizerOn(gpu, sgdRule, { lr: (t: number) => (t === 1 ? -1 : 0.1) });
    giveGradients(gpu, params, 0);
    optimizer.step();
    const before = await params[0]!.read();
    expect(() => optimizer.step()).toThrow("sgd: lr is -1 at step 1. It needs a finite number >= 0.");
    expect(await params[0]!.read()).toEqual(before);
    expect(optimizer.stepCount).toBe(1);
  });

  test("what needs an answer from the device in every step, or has no kernels, is refused by its name", () => {
    const refused = (rule: unknown, options: Options) => (): unknown => optimizerOn(gpu, rule, options);
    expect(refused(sgdRule, { lr: 0.1, nonFinite: "skip" })).toThrow(/^sgd: nonFinite is "skip", which would have to wait.*readRecords/);
    expect(refused(madLlrRule, { lr: 0.1, nonFinite: "throw" })).toThrow(/^madLlr: nonFinite is "throw"/);
    expect(refused(madLlrRule, { lr: 0.1, secant: "sameBatch" })).toThrow(/^madLlr: secant is "sameBatch"/);
    expect(refused(sgd, { lr: 0.1 })).toThrow("sgd makes an optimizer in memory. It needs the rule: sgdRule");
    expect(refused(lambRule, {})).toThrow(/^lamb: lamb has parts without kernels/);
    expect(refused(sgdRule, { lr: 0.1, kernels: {} })).toThrow(/^sgd: kernels are given/);
    expect(refused(sgdRule, { lr: 0.1, snapshotEvery: 0.5 })).toThrow(/^sgd: snapshotEvery is 0.5/);
    expect(refused(sgdRule, { lr: -1 })).toThrow("sgd: lr is -1. It needs a finite number >= 0.");
    expect(refused(madLlrRule, { lr: () => 1 })).toThrow(/^madLlr: lr is a schedule and baseLr is undefined/);
    expect(() => deviceOptimizer(gpu, sgdRule, [parameter([1])], { lr: 1 })).toThrow(/^sgd: parameter lies in memory/);
  });

  test("recover() gives the numbers of the last whole step that arrived, in memory", async () => {
    const statistics = buffer(tensor([7]));
    gpu.move([statistics]);
    const { params, optimizer } = optimizerOn(gpu, sgdRule, { lr: 0.1, snapshotEvery: 2, buffers: [statistics] });
    let atFour: unknown;
    for (let t = 0; t < 5; t++) {
      giveGradients(gpu, params, t);
      optimizer.step();
      if (t === 3) atFour = await params[0]!.read();
      await gpu.idle();
    }
    expect(await optimizer.recover()).toBe(4);
    expect(params[0]!.data).toEqual(atFour);
    expect(statistics.data).toEqual(Float32Array.of(7));
    expect(params.flatMap((p) => [p.grad, p.deviceGrad]).every((g) => g === null)).toBe(true);
  });

  test("without copies there is nothing to recover, and it says so", async () => {
    const { optimizer } = optimizerOn(gpu, sgdRule, { lr: 0.1, snapshotEvery: 0 });
    await expect(optimizer.recover()).rejects.toThrow(/^sgd: no copy of the parameters has arrived \(snapshotEvery is 0\)/);
  });

  const onWebGpu = option.engine === "webgpu" ? test : null; // WebAssembly cannot be lost
  onWebGpu?.("a device lost in a step gives an error in it, and the parameters of the step before", async () => {
    const lost = await useGpu(option);
    const { params, optimizer } = optimizerOn(lost, sgdRule, { lr: 0.1, momentum: 0.9, snapshotEvery: 1 });
    for (let t = 0; t < 3; t++) {
      giveGradients(lost, params, t);
      optimizer.step();
      await optimizer.readRecords();
    }
    const atThree = await Promise.all(params.map((p) => p.read()));
    giveGradients(lost, params, 3);
    optimizer.step(); // its copy is under way
    lost.destroy();
    await expect(optimizer.readRecords()).rejects.toThrow(/is lost/);
    expect(() => optimizer.step()).toThrow(/is lost/);
    expect(await optimizer.recover()).toBe(3);
    expect(params.map((p) => p.data)).toEqual(atThree);

    const right = inMemory(sgdRule, { lr: 0.1, momentum: 0.9 }, 3);
    for (const [k, p] of params.entries()) expect(difference(p.data, right.weights[k]!)).toBeLessThanOrEqual(TOLERANCE);
  });
});
