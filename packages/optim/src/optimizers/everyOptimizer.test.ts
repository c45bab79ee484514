// Properties that every optimizer has, tested from one list: adding an optimizer means adding a line to it.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adadelta } from "./adadelta.ts";
import { adagrad } from "./adagrad.ts";
import { adam } from "./adam.ts";
import { adamax } from "./adamax.ts";
import { adamW } from "./adamW.ts";
import { lamb } from "./lamb.ts";
import { lambTimm } from "./lambTimm.ts";
import { larc } from "./larc.ts";
import { larcAdam } from "./larcAdam.ts";
import { larcFastai } from "./larcFastai.ts";
import { larcNvcaffe } from "./larcNvcaffe.ts";
import { larcOpenSeq2Seq } from "./larcOpenSeq2Seq.ts";
import { lars } from "./lars.ts";
import { larsOptax } from "./larsOptax.ts";
import { larsSimclr } from "./larsSimclr.ts";
import { larsSimclrPopular } from "./larsSimclrPopular.ts";
import { larsTimm } from "./larsTimm.ts";
import { larsUnscaledMomentum } from "./larsUnscaledMomentum.ts";
import { madLlr } from "./madLlr.ts";
import { nadam } from "./nadam.ts";
import { radam } from "./radam.ts";
import { rmsprop } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";
import { decoupled } from "../weightDecay.ts";
import { oneCycle } from "../schedules/oneCycle.ts";
import type { Hyper } from "../hyper.ts";
import type { Optimizer, SharedOptions } from "../optimizer.ts";
import type { FloatArray, Param } from "../param.ts";

interface Listed {
  readonly name: string;
  readonly make: (params: readonly Param[], lr: Hyper, shared?: SharedOptions<object>) => Optimizer;
  /** Rates and steps with which it gets where it should on the two problems. */
  readonly quadratic: { readonly lr: number; readonly steps: number };
  readonly rosenbrock: { readonly lr: number; readonly steps: number };
}

function listed<O extends object>(make: (params: readonly Param[], options: O & SharedOptions<O>) => Optimizer<O>, options: object): Listed["make"] {
  return (params, lr, shared) => make(params, { lr, ...options, ...shared } as unknown as O & SharedOptions<O>) as unknown as Optimizer;
}

const OPTIMIZERS: readonly Listed[] = [
  { name: "sgd", make: listed(sgd, {}), quadratic: { lr: 0.1, steps: 400 }, rosenbrock: { lr: 1e-3, steps: 20_000 } },
  { name: "sgd with momentum", make: listed(sgd, { momentum: 0.9, weightDecay: 1e-6 }), quadratic: { lr: 0.05, steps: 400 }, rosenbrock: { lr: 2e-4, steps: 20_000 } },
  { name: "sgd with Nesterov momentum", make: listed(sgd, { momentum: 0.9, nesterov: true }), quadratic: { lr: 0.05, steps: 400 }, rosenbrock: { lr: 2e-4, steps: 20_000 } },
  { name: "sgd with dampening", make: listed(sgd, { momentum: 0.9, dampening: 0.5 }), quadratic: { lr: 0.05, steps: 400 }, rosenbrock: { lr: 4e-4, steps: 20_000 } },
  { name: "adam", make: listed(adam, {}), quadratic: { lr: 0.02, steps: 2000 }, rosenbrock: { lr: 5e-3, steps: 20_000 } },
  { name: "adamW", make: listed(adamW, { weightDecay: 1e-6 }), quadratic: { lr: 0.02, steps: 2000 }, rosenbrock: { lr: 5e-3, steps: 20_000 } },
  { name: "adamW with amsgrad", make: listed(adamW, { amsgrad: true }), quadratic: { lr: 0.02, steps: 2000 }, rosenbrock: { lr: 5e-3, steps: 20_000 } },
  { name: "rmsprop", make: listed(rmsprop, {}), quadratic: { lr: 0.02, steps: 2000 }, rosenbrock: { lr: 2e-3, steps: 20_000 } },
  { name: "rmsprop centered with momentum", make: listed(rmsprop, { centered: true, momentum: 0.9, eps: 1e-3 }), quadratic: { lr: 2e-3, steps: 2000 }, rosenbrock: { lr: 2e-4, steps: 20_000 } },
  { name: "adagrad", make: listed(adagrad, { weightDecay: 1e-6, initialAccumulatorValue: 0.1 }), quadratic: { lr: 0.5, steps: 2000 }, rosenbrock: { lr: 0.5, steps: 20_000 } },
  { name: "adadelta", make: listed(adadelta, { eps: 1e-4 }), quadratic: { lr: 1, steps: 2000 }, rosenbrock: { lr: 1, steps: 20_000 } },
  { name: "adamax", make: listed(adamax, {}), quadratic: { lr: 0.02, steps: 2000 }, rosenbrock: { lr: 5e-3, steps: 20_000 } },
  { name: "nadam", make: listed(nadam, {}), quadratic: { lr: 0.02, steps: 2000 }, rosenbrock: { lr: 5e-3, steps: 20_000 } },
  { name: "radam", make: listed(radam, {}), quadratic: { lr: 0.02, steps: 2000 }, rosenbrock: { lr: 1e-3, steps: 20_000 } },
  { name: "lamb", make: listed(lamb, { weightDecay: 1e-6 }), quadratic: { lr: 0.02, steps: 2000 }, rosenbrock: { lr: 5e-3, steps: 20_000 } },
  { name: "lambTimm", make: listed(lambTimm, { weightDecay: 1e-6, mode: "clip" }), quadratic: { lr: 0.05, steps: 2000 }, rosenbrock: { lr: 5e-3, steps: 20_000 } },
  { name: "lars", make: listed(lars, { trustCoefficient: 0.01 }), quadratic: { lr: 0.5, steps: 2000 }, rosenbrock: { lr: 0.05, steps: 20_000 } },
  { name: "lars with decoupled decay", make: listed(lars, { trustCoefficient: 0.01, nesterov: true, weightDecay: decoupled(1e-6) }), quadratic: { lr: 0.5, steps: 2000 }, rosenbrock: { lr: 0.05, steps: 20_000 } },
  { name: "larc", make: listed(larc, { momentum: 0.9, weightDecay: 1e-6 }), quadratic: { lr: 0.05, steps: 2000 }, rosenbrock: { lr: 2e-4, steps: 20_000 } },
  { name: "larc in scale mode", make: listed(larc, { mode: "scale", momentum: 0.9, trustCoefficient: 0.01 }), quadratic: { lr: 0.5, steps: 2000 }, rosenbrock: { lr: 0.05, steps: 20_000 } },
  { name: "madLlr", make: listed(madLlr, { momentum: 0.9, baseLr: 0.1 }), quadratic: { lr: 0.05, steps: 1000 }, rosenbrock: { lr: 2e-4, steps: 20_000 } },
  { name: "madLlr per layer", make: listed(madLlr, { scope: "layer", baseLr: 0.1 }), quadratic: { lr: 0.1, steps: 1000 }, rosenbrock: { lr: 1e-3, steps: 20_000 } },
  { name: "madLlr literal", make: listed(madLlr, { mode: "literal" }), quadratic: { lr: 0.1, steps: 400 }, rosenbrock: { lr: 1e-3, steps: 20_000 } },
  { name: "larsUnscaledMomentum", make: listed(larsUnscaledMomentum, { trustCoefficient: 0.01 }), quadratic: { lr: 0.5, steps: 2000 }, rosenbrock: { lr: 0.05, steps: 20_000 } },
  { name: "larsTimm", make: listed(larsTimm, { momentum: 0.9, trustCoefficient: 0.01, weightDecay: 1e-6 }), quadratic: { lr: 0.5, steps: 2000 }, rosenbrock: { lr: 0.05, steps: 20_000 } },
  { name: "larsOptax", make: listed(larsOptax, { trustCoefficient: 0.01, weightDecay: 1e-6 }), quadratic: { lr: 0.5, steps: 2000 }, rosenbrock: { lr: 0.05, steps: 20_000 } },
  { name: "larsSimclr", make: listed(larsSimclr, { trustCoefficient: 0.01 }), quadratic: { lr: 0.5, steps: 2000 }, rosenbrock: { lr: 0.05, steps: 20_000 } },
  { name: "larsSimclrPopular", make: listed(larsSimclrPopular, { trustCoefficient: 0.01, weightDecay: 1e-6 }), quadratic: { lr: 2, steps: 2000 }, rosenbrock: { lr: 0.2, steps: 20_000 } },
  { name: "larcAdam", make: listed(larcAdam, {}), quadratic: { lr: 0.02, steps: 2000 }, rosenbrock: { lr: 5e-3, steps: 20_000 } },
  { name: "larcFastai", make: listed(larcFastai, { weightDecay: 1e-6 }), quadratic: { lr: 0.5, steps: 2000 }, rosenbrock: { lr: 0.05, steps: 20_000 } },
  { name: "larcOpenSeq2Seq", make: listed(larcOpenSeq2Seq, { trustCoefficient: 0.01 }), quadratic: { lr: 0.05, steps: 2000 }, rosenbrock: { lr: 2e-4, steps: 20_000 } },
  { name: "larcNvcaffe", make: listed(larcNvcaffe, { momentum: 0.9, trustCoefficient: 0.1 }), quadratic: { lr: 0.5, steps: 2000 }, rosenbrock: { lr: 0.05, steps: 20_000 } },
  { name: "larcNvcaffe in clip mode", make: listed(larcNvcaffe, { mode: "clip", momentum: 0.9, trustCoefficient: 0.1, weightDecay: 1e-6 }), quadratic: { lr: 0.05, steps: 2000 }, rosenbrock: { lr: 2e-4, steps: 20_000 } },
];

/** A model of three tensors in two layers, with gradients that depend on the weights and on the step, as in training. */
function model(seed = 1): { params: Param[]; setGradients: (t: number) => void } {
  const params: Param[] = [
    { name: "a.weight", data: Float32Array.from({ length: 6 }, (_, i) => Math.sin(seed + i)), grad: null, shape: [2, 3] },
    { name: "a.bias", data: Float32Array.of(0.1, -0.2), grad: null, shape: [2] },
    { name: "b.weight", data: Float64Array.from({ length: 4 }, (_, i) => Math.cos(seed + i)), grad: null, shape: [2, 2] },
  ];
  const setGradients = (t: number): void => {
    for (const [k, p] of params.entries()) p.grad = p.data.map((w, i) => (k + 1) * w + 0.1 * Math.sin(7 * t + i));
  };
  return { params, setGradients };
}

const bits = (params: readonly Param[]): number[][] => params.map((p) => Array.from(p.data));

describe.each(OPTIMIZERS)("$name", ({ make, quadratic, rosenbrock }) => {
  const lr = quadratic.lr;

  it("finds the minimum of a quadratic", () => {
    const w = { name: "w", data: Float64Array.of(3, -2, 1), grad: null as FloatArray | null, shape: [3, 1] };
    const optimizer = make([w], (t) => lr * Math.max(0.01, 1 - t / quadratic.steps));
    for (let t = 0; t < quadratic.steps; t++) {
      w.grad = w.data.map((x, i) => (i + 1) * x);
      optimizer.step();
    }
    // 1e-2: the slowest curvature is 1, and some optimizers end within their last rate of the minimum, not on it.
    for (const x of w.data) expect(Math.abs(x)).toBeLessThan(1e-2);
  });

  it("gets down the valley of Rosenbrock's function", () => {
    const w = { name: "w", data: Float64Array.of(-1.2, 1), grad: null as FloatArray | null, shape: [2, 1] };
    const loss = ([x, y]: FloatArray): number => (1 - x) ** 2 + 100 * (y - x * x) ** 2;
    const optimizer = make([w], (t) => rosenbrock.lr * Math.max(0.01, 1 - t / rosenbrock.steps));
    const before = loss(w.data);
    for (let t = 0; t < rosenbrock.steps; t++) {
      const [x, y] = w.data;
      w.grad = Float64Array.of(-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x));
      optimizer.step();
    }
    // 1 %: at the bottom of the valley, on the way to (1, 1).
    expect(loss(w.data)).toBeLessThan(0.01 * before);
  });

  it("leaves a parameter without gradient, and its state, as they are", () => {
    const { params, setGradients } = model();
    const optimizer = make(params, lr, { exclude: [] });
    for (let t = 0; t < 3; t++) {
      setGradients(t);
      optimizer.step();
    }
    const weight = [...params[0].data];
    const state = JSON.stringify(optimizer.stateDict().params["a.weight"]);
    setGradients(3);
    params[0].grad = null;
    const records = optimizer.step();
    expect([...params[0].data]).toEqual(weight);
    expect(JSON.stringify(optimizer.stateDict().params["a.weight"])).toBe(state);
    expect(records[0]).toMatchObject({ skipped: "noGradient", trust: 0, rate: 0, gradNorm: 0, updateNorm: 0, limitedBy: null });
    expect(records[1].skipped).toBeNull();
  });

  it("goes on after save and load in the middle of a run with the same bits", () => {
    const schedule = oneCycle({ peak: lr, steps: 12 });
    const straight = model();
    const optimizer = make(straight.params, schedule.lr);
    let saved: { state: ReturnType<typeof optimizer.stateDict>; data: number[][] } | undefined;
    for (let t = 0; t < 12; t++) {
      if (t === 5) saved = { state: optimizer.stateDict(), data: bits(straight.params) };
      straight.setGradients(t);
      // A parameter that missed a step has a step count of its own.
      if (t === 2) straight.params[2].grad = null;
      optimizer.step();
    }
    const resumed = model(2);
    const again = make(resumed.params, schedule.lr);
    for (const [i, p] of resumed.params.entries()) p.data.set(saved!.data[i]);
    again.loadStateDict(saved!.state);
    for (let t = 5; t < 12; t++) {
      resumed.setGradients(t);
      again.step();
    }
    expect(bits(resumed.params)).toEqual(bits(straight.params));
    expect(again.stateDict()).toEqual(optimizer.stateDict());
  });

  it("gives the same bits for any order of the parameters", () => {
    const runs = [[0, 1, 2], [2, 0, 1], [1, 2, 0]].map((order) => {
      const { params, setGradients } = model();
      const optimizer = make(order.map((i) => params[i]), lr);
      for (let t = 0; t < 6; t++) {
        setGradients(t);
        optimizer.step();
      }
      return bits(params);
    });
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });

  it("allocates state at construction only, one array of the parameter's type and length at a time", () => {
    const { params, setGradients } = model();
    const made: FloatArray[] = [];
    const allocate = (like: FloatArray): FloatArray => {
      made.push(like);
      return like.BYTES_PER_ELEMENT === 4 ? new Float32Array(like.length) : new Float64Array(like.length);
    };
    // Nothing excluded: an excluded parameter needs less.
    const optimizer = make(params, lr, { exclude: [], kernels: { allocate } });
    const atConstruction = made.length;
    for (const p of params) expect(made.filter((like) => like === p.data).length).toBe(atConstruction / params.length);
    for (let t = 0; t < 5; t++) {
      setGradients(t);
      optimizer.step();
    }
    expect(made.length).toBe(atConstruction);
  });

  it.runIf(globalThis.gc)("does not grow the heap by arrays from step to step", () => {
    const data = new Float32Array(1 << 17).fill(0.5);
    const w: Param = { name: "w", data, grad: new Float32Array(data.length).fill(0.1), shape: [256, 512] };
    const optimizer = make([w], 1e-6);
    const arrayBytes = (): number => process.memoryUsage().arrayBuffers;
    optimizer.step();
    globalThis.gc!();
    const before = arrayBytes();
    // Without a collection in between, a single array a step would show as 10 MiB.
    for (let t = 0; t < 20; t++) optimizer.step();
    expect(arrayBytes() - before).toBeLessThan(data.byteLength);
  });

  it("fills every field of every record with what happened", () => {
    const { params, setGradients } = model();
    const optimizer = make(params, (t) => lr / (t + 1), { exclude: [] });
    for (let t = 0; t < 4; t++) {
      setGradients(t);
      const before = params.map((p) => Float64Array.from(p.data));
      const gradients = params.map((p) => Math.hypot(...p.grad!));
      const records = optimizer.step();
      expect(records.map((r) => r.name)).toEqual(params.map((p) => p.name));
      expect(records.map((r) => r.layer)).toEqual(["a", "a", "b"]);
      for (const [i, r] of records.entries()) {
        expect(r.lr).toBe(lr / (t + 1));
        expect(r.rate).toBeCloseTo(r.lr * r.trust, 12);
        expect(r.skipped).toBeNull();
        // 1e-6: ‖Δw‖ is that of the update before it is rounded to float32.
        expect(r.weightNorm).toBeCloseTo(Math.hypot(...before[i]), 12);
        expect(r.gradNorm).toBeCloseTo(gradients[i], 12);
        expect(r.updateNorm).toBeCloseTo(Math.hypot(...before[i].map((w, k) => w - params[i].data[k])), 6);
      }
    }
  });

  it("works on memory that is shared between threads", () => {
    const plain = model();
    const shared = model();
    const params = shared.params.map((p) => {
      const bytes = new SharedArrayBuffer(p.data.byteLength);
      const data = p.data.BYTES_PER_ELEMENT === 4 ? new Float32Array(bytes) : new Float64Array(bytes);
      data.set(p.data);
      return { name: p.name, shape: p.shape!, data, grad: null as FloatArray | null };
    });
    const [a, b] = [make(plain.params, lr), make(params, lr)];
    for (let t = 0; t < 4; t++) {
      plain.setGradients(t);
      a.step();
      for (const [i, p] of params.entries()) p.grad = plain.params[i].grad;
      b.step();
    }
    expect(bits(params)).toEqual(bits(plain.params));
  });

  it("steps a zero weight and a zero gradient without making NaN", () => {
    const params = [
      { name: "zeroWeight", data: new Float32Array(4), grad: Float32Array.of(1, 0, -1, 2), shape: [2, 2] },
      { name: "zeroGradient", data: Float32Array.of(1, 2, 3, 4), grad: new Float32Array(4), shape: [2, 2] },
      { name: "both", data: new Float32Array(4), grad: new Float32Array(4), shape: [2, 2] },
      { name: "tiny", data: Float32Array.of(1, 2, 3, 4), grad: new Float32Array(4).fill(1e-12), shape: [2, 2] },
      { name: "huge", data: Float32Array.of(1, 2, 3, 4), grad: new Float32Array(4).fill(1e8), shape: [2, 2] },
      { name: "empty", data: new Float32Array(0), grad: new Float32Array(0), shape: [0, 2] },
    ];
    const optimizer = make(params, lr);
    for (let t = 0; t < 5; t++)
      for (const r of optimizer.step()) expect([r.name, r.trust, r.rate, r.updateNorm].slice(1).every(Number.isFinite)).toBe(true);
    expect(params.every((p) => p.data.every(Number.isFinite))).toBe(true);
    expect([...params[2].data]).toEqual([0, 0, 0, 0]);
  });

  it("steps a thousand groups, each with a schedule of its own, as it steps one", () => {
    const run = (grouped: boolean): number[][] => {
      const params = Array.from({ length: 1000 }, (_, i) => ({ name: `p${i}`, data: Float64Array.of(1 + i / 1000, -1), grad: Float64Array.of(0.5, 0.1), shape: [2, 1] }));
      const groups = grouped ? params.map(({ name }) => ({ params: [name], lr: () => lr })) : [];
      const optimizer = make(params, lr, { groups });
      for (let t = 0; t < 2; t++) optimizer.step();
      return bits(params);
    };
    expect(run(true)).toEqual(run(false));
  });

  it("steps ten thousand parameters of one element as ten thousand optimizers would", () => {
    // Gradients so small that lambTimm does not clip them by the norm of all ten thousand.
    const alone = { name: "w", data: Float64Array.of(0.7), grad: Float64Array.of(1e-3), shape: [1, 1] };
    const many = Array.from({ length: 10_000 }, (_, i) => ({ ...alone, name: `p${i}`, data: Float64Array.of(0.7), grad: Float64Array.of(1e-3) }));
    const [one, all] = [make([alone], lr), make(many, lr)];
    for (let t = 0; t < 3; t++) {
      one.step();
      expect(all.step().length).toBe(10_000);
    }
    expect(new Set(many.map((p) => p.data[0]))).toEqual(new Set([alone.data[0]]));
  });

  it("refuses a gradient, or data, of another length than before, and writes nothing", () => {
    const { params, setGradients } = model();
    const optimizer = make(params, lr);
    setGradients(0);
    optimizer.step();
    const before = [bits(params), JSON.stringify(optimizer.stateDict())];
    setGradients(1);
    params[2].grad = new Float64Array(5);
    expect(() => optimizer.step()).toThrow(/the gradient of b\.weight is float64 of length 5\. It needs float64 of length 4/);
    const { data } = params[2];
    const other = params[2] as { data: FloatArray };
    other.data = new Float64Array(5);
    expect(() => optimizer.step()).toThrow(/b\.weight has 5 values at step 1 and had 4 at construction/);
    other.data = data;
    expect([bits(params), JSON.stringify(optimizer.stateDict())]).toEqual(before);
    params[2].grad = null;
    expect(() => optimizer.step()).not.toThrow();
  });

  it("refuses a rate that is negative or no number, whatever the option is given as", () => {
    const { params } = model();
    const bad = fc.oneof(fc.constantFrom(Number.NaN, Infinity, -Infinity), fc.double({ max: -1e-300, noNaN: true }));
    fc.assert(
      fc.property(bad, fc.boolean(), (rate, scheduled) => {
        expect(() => make(params, scheduled ? () => rate : rate)).toThrow(/lr is .*It needs a finite number >= 0/);
      }),
    );
  });
});
