// Every published variant of LARS, LARC and LAMB against its formula, written out for one tensor with plain arrays and no
// thought of speed, over random weights, gradients, options and schedules, with dead gradients and zero weights among them.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
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
import { momentumUpdate } from "../directions/momentum.ts";
import type { UpdateKernels } from "../kernels.ts";
import { decoupled, l2 } from "../weightDecay.ts";
import type { Optimizer } from "../optimizer.ts";
import type { FloatArray, Param } from "../param.ts";

type Vector = readonly number[];
const n = (x: Vector): number => Math.hypot(...x);
/** a·x + b·y, element by element. */
const sum = (a: number, x: Vector, b: number, y: Vector): Vector => x.map((xi, i) => a * xi + b * y[i]);
const times = (a: number, x: Vector): Vector => x.map((xi) => a * xi);

interface Options {
  readonly lr: number;
  readonly momentum: number;
  readonly wd: number;
  readonly eta: number;
  readonly eps: number;
  readonly nesterov: boolean;
  readonly clip: boolean;
  readonly always: boolean;
}
interface Memory { v: Vector; m: Vector; k: number }
/** The weights after a step; writes the memory. */
type Reference = (w: Vector, g: Vector, o: Options, memory: Memory) => Vector;

const paperRatio = (w: Vector, g: Vector, { eta, wd, eps }: Options): number | null => (n(w) > 0 && n(g) > 0 ? (eta * n(w)) / (n(g) + wd * n(w) + eps) : null);

/** rate and trust inside: v = m·v + step, w −= v (Nesterov: step + m·v). */
function inside(w: Vector, step: Vector, { momentum, nesterov }: Options, memory: Memory): Vector {
  memory.v = sum(momentum, memory.v, 1, step);
  return sum(1, w, -1, nesterov ? sum(1, step, momentum, memory.v) : memory.v);
}

/** u = v or d + m·v with v = m·v + d. */
function buffered(d: Vector, { momentum, nesterov }: Options, memory: Memory): Vector {
  memory.v = sum(momentum, memory.v, 1, d);
  return nesterov ? sum(1, d, momentum, memory.v) : memory.v;
}

/** Adam's direction with betas 0.9 and 0.99. */
function adamDirection(d: Vector, eps: number, memory: Memory): Vector {
  memory.k++;
  memory.m = sum(0.9, memory.m, 0.1, d);
  memory.v = sum(0.99, memory.v, 0.01, d.map((x) => x * x));
  return memory.m.map((m, i) => m / (1 - 0.9 ** memory.k) / (Math.sqrt(memory.v[i] / (1 - 0.99 ** memory.k)) + eps));
}

interface Variant {
  readonly name: string;
  make(params: Param[], o: Options): Optimizer;
  readonly reference: Reference;
}

const lists = (o: Options): { lr: number; momentum: number; trustCoefficient: number } => ({ lr: o.lr, momentum: o.momentum, trustCoefficient: o.eta });
/** Nesterov needs momentum. */
const ahead = (o: Options): { nesterov: boolean } => ({ nesterov: o.nesterov && o.momentum > 0 });
const mode = (o: Options): { mode: "clip" | "scale" } => ({ mode: o.clip ? "clip" : "scale" });
const betas = { beta1: 0.9, beta2: 0.99 };
const any = (optimizer: unknown): Optimizer => optimizer as Optimizer;

const VARIANTS: readonly Variant[] = [
  {
    name: "lars",
    make: (params, o) => any(lars(params, { ...lists(o), ...ahead(o), eps: o.eps, weightDecay: o.wd, exclude: [] })),
    reference: (w, g, o, memory) => inside(w, times(o.lr * (paperRatio(w, g, o) ?? 1), sum(1, g, o.wd, w)), o, memory),
  },
  {
    name: "larsUnscaledMomentum",
    make: (params, o) => any(larsUnscaledMomentum(params, { ...lists(o), ...ahead(o), eps: o.eps, weightDecay: o.wd, exclude: [] })),
    reference: (w, g, o, memory) => sum(1, w, -o.lr * (paperRatio(w, g, o) ?? 1), buffered(sum(1, g, o.wd, w), o, memory)),
  },
  {
    name: "larsOptax",
    make: (params, o) => any(larsOptax(params, { ...lists(o), ...ahead(o), eps: o.eps, weightDecay: o.wd })),
    reference(w, g, o, memory) {
      const d = sum(1, g, o.wd, w);
      return inside(w, times(o.lr * (n(w) > 0 && n(d) > 0 ? (o.eta * n(w)) / (n(d) + o.eps) : 1), d), o, memory);
    },
  },
  {
    name: "larsSimclr",
    make: (params, o) => any(larsSimclr(params, { ...lists(o), ...ahead(o), weightDecay: o.wd, exclude: [] })),
    reference(w, g, o, memory) {
      const d = sum(1, g, o.wd, w);
      return inside(w, times(o.lr * (n(w) > 0 && n(d) > 0 ? (o.eta * n(w)) / n(d) : 1), d), o, memory);
    },
  },
  {
    name: "larsSimclrPopular",
    make: (params, o) => any(larsSimclrPopular(params, { ...lists(o), ...ahead(o), weightDecay: o.wd, exclude: [] })),
    reference(w, g, o, memory) {
      const u = buffered(sum(1, g, o.wd, w), o, memory);
      return sum(1, w, -o.lr * (n(w) > 0 && n(u) > 0 ? (o.eta * n(w)) / n(u) : 1), u);
    },
  },
  {
    name: "larsTimm",
    make: (params, o) => any(larsTimm(params, { ...lists(o), ...ahead(o), ...mode(o), alwaysAdapt: o.always, eps: o.eps, weightDecay: o.wd })),
    reference(w, g, o, memory) {
      let trust = 1;
      if (o.wd !== 0 || o.always) trust = paperRatio(w, g, o) ?? 1;
      if ((o.wd !== 0 || o.always) && o.clip) trust = Math.min(trust / o.lr, 1);
      return sum(1, w, -o.lr, buffered(times(trust, sum(1, g, o.wd, w)), o, memory));
    },
  },
  {
    name: "larc",
    make: (params, o) => any(larc(params, { ...lists(o), ...ahead(o), ...mode(o), eps: o.eps, weightDecay: o.wd })),
    reference(w, g, o, memory) {
      const ratio = paperRatio(w, g, o);
      if (ratio === null) return sum(1, w, -o.lr, buffered(g, o, memory));
      return sum(1, w, -o.lr, buffered(times(o.clip ? Math.min(ratio / o.lr, 1) : ratio, sum(1, g, o.wd, w)), o, memory));
    },
  },
  {
    name: "larcAdam",
    make: (params, o) => any(larcAdam(params, { lr: o.lr, trustCoefficient: o.eta, ...betas, ...mode(o), eps: 1e-3, trustEps: o.eps, weightDecay: o.wd })),
    reference(w, g, o, memory) {
      const ratio = paperRatio(w, g, o);
      const d = ratio === null ? g : times(o.clip ? Math.min(ratio / o.lr, 1) : ratio, sum(1, g, o.wd, w));
      return sum(1, w, -o.lr, adamDirection(d, 1e-3, memory));
    },
  },
  {
    name: "larcFastai, decoupled",
    make: (params, o) => any(larcFastai(params, { ...lists(o), ...mode(o), eps: o.eps, weightDecay: decoupled(o.wd) })),
    reference(w, g, o, memory) {
      const decayed = times(1 - o.lr * o.wd, w);
      const local = (o.lr * o.eta * n(decayed)) / (n(g) + o.wd * n(decayed) + o.eps);
      return sum(1, decayed, -(o.clip ? Math.min(o.lr, local) : local), buffered(g, { ...o, nesterov: false }, memory));
    },
  },
  {
    name: "larcFastai, l2",
    make: (params, o) => any(larcFastai(params, { ...lists(o), ...mode(o), eps: o.eps, weightDecay: l2(o.wd) })),
    reference(w, g, o, memory) {
      const d = sum(1, g, o.wd, w);
      const local = (o.lr * o.eta * n(w)) / (n(d) + o.wd * n(w) + o.eps);
      return sum(1, w, -(o.clip ? Math.min(o.lr, local) : local), buffered(d, { ...o, nesterov: false }, memory));
    },
  },
  {
    name: "larcNvcaffe, decoupled",
    make: (params, o) => any(larcNvcaffe(params, { ...lists(o), ...mode(o), weightDecay: decoupled(o.wd) })),
    reference(w, g, o, memory) {
      const ratio = n(w) > 0 && n(g) > 0 ? ((1 - o.momentum) * o.eta * n(w)) / n(g) : 1;
      const local = o.clip ? Math.min(o.lr, ratio) : o.lr * ratio;
      memory.v = sum(o.momentum, memory.v, local, g);
      return sum(1, sum(1, w, -1, memory.v), -o.wd * local, w);
    },
  },
  {
    name: "larcNvcaffe, l2",
    make: (params, o) => any(larcNvcaffe(params, { ...lists(o), ...mode(o), weightDecay: l2(o.wd) })),
    reference(w, g, o, memory) {
      const ratio = n(w) > 0 && n(g) > 0 ? ((1 - o.momentum) * o.eta * n(w)) / n(g) : 1;
      memory.v = sum(o.momentum, memory.v, o.clip ? Math.min(o.lr, ratio) : o.lr * ratio, sum(1, g, o.wd, w));
      return sum(1, w, -1, memory.v);
    },
  },
  {
    name: "larcOpenSeq2Seq",
    make: (params, o) => any(larcOpenSeq2Seq(params, { ...lists(o), ...mode(o), eps: o.eps, minUpdate: 1e-3, weightDecay: o.wd })),
    reference(w, g, o, memory) {
      const d = sum(1, g, o.wd, w);
      const trust = o.clip ? Math.min(Math.max((o.eta * n(w)) / (o.lr * (n(d) + o.eps)), 1e-3), 1) : Math.max((o.eta * n(w)) / (n(d) + o.eps), 1e-3);
      return sum(1, w, -o.lr, buffered(times(trust, d), { ...o, nesterov: false }, memory));
    },
  },
  {
    name: "lamb",
    make: (params, o) => any(lamb(params, { lr: o.lr, ...betas, eps: 1e-3, weightDecay: o.wd })),
    reference(w, g, o, memory) {
      const u = sum(1, adamDirection(g, 1e-3, memory), o.wd, w);
      return sum(1, w, -o.lr * (n(w) > 0 && n(u) > 0 ? n(w) / n(u) : 1), u);
    },
  },
  {
    name: "lambTimm",
    make: (params, o) => any(lambTimm(params, { lr: o.lr, ...betas, ...mode(o), alwaysAdapt: o.always, eps: 1e-3, maxGradNorm: 2, weightDecay: o.wd })),
    reference(w, g, o, memory) {
      const u = sum(1, adamDirection(times(1 / Math.max(1, n(g) / 2), g), 1e-3, memory), o.wd, w);
      const ratio = n(w) > 0 && n(u) > 0 ? n(w) / n(u) : 1;
      return sum(1, w, -o.lr * (o.wd === 0 && !o.always ? 1 : o.clip ? Math.min(ratio, 1) : ratio), u);
    },
  },
  {
    name: "lambTimm, decay first",
    make: (params, o) => any(lambTimm(params, { lr: o.lr, ...betas, ...mode(o), alwaysAdapt: true, eps: 1e-3, maxGradNorm: Infinity, weightDecay: o.wd, decayOrder: "first" })),
    reference(w, g, o, memory) {
      const u = adamDirection(g, 1e-3, memory);
      const decayed = times(1 - o.lr * o.wd, w);
      const ratio = n(decayed) > 0 && n(u) > 0 ? n(decayed) / n(u) : 1;
      return sum(1, decayed, -o.lr * (o.clip ? Math.min(ratio, 1) : ratio), u);
    },
  },
];

const real = fc.double({ min: -5, max: 5, noNaN: true }).map((x) => (Math.abs(x) < 1e-3 ? 0 : x));
const vector = fc.oneof({ weight: 8, arbitrary: fc.array(real, { minLength: 3, maxLength: 3 }) }, { weight: 1, arbitrary: fc.constant([0, 0, 0]) });
const options = fc.record({
  lr: fc.double({ min: 0.01, max: 2, noNaN: true }),
  momentum: fc.constantFrom(0, 0.5, 0.9),
  wd: fc.constantFrom(0, 0.01, 0.3),
  eta: fc.double({ min: 0.001, max: 0.1, noNaN: true }),
  eps: fc.constantFrom(1e-8, 1e-3),
  nesterov: fc.boolean(),
  clip: fc.boolean(),
  always: fc.boolean(),
});

describe.each(VARIANTS)("$name", ({ make, reference }) => {
  it("is its published formula, step by step, with the rate changing on the way", () => {
    fc.assert(
      fc.property(vector, fc.array(vector, { minLength: 1, maxLength: 8 }), options, (start, gradients, given) => {
        const w = { name: "w", data: Float64Array.from(start), grad: null as FloatArray | null, shape: [3, 1] };
        const optimizer = make([w], given);
        const memory: Memory = { v: [0, 0, 0], m: [0, 0, 0], k: 0 };
        let expected: Vector = start;
        for (const [t, g] of gradients.entries()) {
          const lr = given.lr / (1 + t);
          optimizer.set({ lr });
          w.grad = Float64Array.from(g);
          const [record] = optimizer.step();
          expected = reference(expected, g, { ...given, lr }, memory);
          // 1e-9 of the largest number around: eight steps of rounding, magnified where a ratio divides by a small norm.
          const tolerance = 1e-9 * Math.max(1, n(expected));
          for (const [i, x] of expected.entries()) expect(Math.abs(w.data[i] - x), `element ${i} after step ${t}`).toBeLessThanOrEqual(tolerance);
          expect(record.lr).toBe(lr);
          if (record.rate > 0) expect(Math.abs(record.rate / (record.lr * record.trust) - 1)).toBeLessThan(1e-12);
        }
      }),
    );
  });

  it("keeps float32 weights within float32 rounding of the float64 run", () => {
    const run = (data: FloatArray): FloatArray => {
      const w: Param = { name: "w", data, grad: null, shape: [3, 1] };
      const optimizer = make([w], { lr: 0.1, momentum: 0.9, wd: 0.01, eta: 0.02, eps: 1e-8, nesterov: false, clip: true, always: true });
      for (let t = 0; t < 10; t++) {
        w.grad = data.map((x, i) => 0.5 * x + Math.sin(t + i));
        optimizer.step();
      }
      return data;
    };
    const [single, double] = [run(Float32Array.of(1, -2, 3)), run(Float64Array.of(1, -2, 3))];
    for (const [i, x] of double.entries()) expect(Math.abs(single[i] - x)).toBeLessThan(1e-5);
  });
});

describe("where the variants part", () => {
  const matrix = (data: number[], grad: number[]): Param => ({ name: "w", data: Float64Array.from(data), grad: Float64Array.from(grad), shape: [data.length, 1] });

  it("zero weights: one takes the plain rate, others the smallest, fastai's never move", () => {
    const first = (make: (params: Param[]) => unknown): [number, string | null] => {
      const [record] = any(make([matrix([0, 0], [1, 0])])).step();
      return [record.trust, record.limitedBy];
    };
    for (const make of [lars, larsUnscaledMomentum, larsOptax, larsSimclr, larsSimclrPopular, larc, larcNvcaffe]) expect(first((params) => make(params, { lr: 0.1 }))).toEqual([1, "zeroNorm"]);
    expect(first((params) => larsTimm(params, { lr: 0.1, weightDecay: 0.1 }))).toEqual([1, "zeroNorm"]);
    expect(first((params) => larsTimm(params, { lr: 2, weightDecay: 0.1, mode: "clip" }))).toEqual([0.5, "zeroNorm"]);
    expect(first((params) => larcNvcaffe(params, { lr: 2, mode: "clip" }))).toEqual([0.5, "zeroNorm"]);
    expect(first((params) => larcOpenSeq2Seq(params, { lr: 0.1 }))).toEqual([1e-7, "floor"]);
    expect(first((params) => larcFastai(params, { lr: 0.1 }))).toEqual([0, "zeroNorm"]);
  });

  it("a gradient that dies: the step of optax's LARS keeps its length, that of the paper's has a ceiling, NVCaffe's rate has none", () => {
    const dying = (make: (params: Param[]) => unknown): { rate: number; updateNorm: number } => any(make([matrix([1, 0], [0, 1e-20])])).step()[0];
    const given = { lr: 1, weightDecay: 0.01, trustCoefficient: 0.001 };
    expect(dying((params) => lars(params, given)).rate).toBeCloseTo(0.1, 12);
    expect(dying((params) => larsOptax(params, given)).updateNorm).toBeCloseTo(0.001, 12);
    expect(dying((params) => larcNvcaffe(params, given)).rate).toBeGreaterThan(1e16);
    expect(dying((params) => larcNvcaffe(params, { ...given, mode: "clip" })).rate).toBe(1);
  });

  it("a rule that reads the direction moves it on and applies it through the kernels it is given, in arrays that they allocated", () => {
    const allocated = new Set<FloatArray>();
    const calls: string[] = [];
    const allocate = (like: FloatArray): FloatArray => {
      const made = new Float64Array(like.length);
      allocated.add(made);
      return made;
    };
    const momentum: NonNullable<UpdateKernels["momentum"]> = (w, g, v, factors) => {
      calls.push(`${allocated.has(w) ? "scratch" : "weights"} by ${allocated.has(g) ? "scratch" : "gradient"}${v === null ? "" : " and buffer"}`);
      return momentumUpdate(w, g, v, factors);
    };
    const [given, plain] = [matrix([3, 4], [1, 2]), matrix([3, 4], [1, 2])];
    const options = { lr: 1, weightDecay: 0.1 };
    const [a, b] = [larsSimclrPopular([given], { ...options, kernels: { allocate, momentum } }), larsSimclrPopular([plain], options)];
    for (let t = 0; t < 3; t++) expect(a.step()).toEqual(b.step());
    expect([...given.data]).toEqual([...plain.data]);
    expect(calls.slice(0, 2)).toEqual(["scratch by scratch and buffer", "weights by scratch"]);
    expect(Object.keys(a.stateDict().params.w.arrays)).toEqual(["momentum"]);
  });

  it("lr = 0 stops every variant with its rate outside, without making NaN", () => {
    for (const clip of [true, false])
      for (const { make } of VARIANTS) {
        const w = matrix([3, 4, 1], [1, 0, 2]);
        const [record] = make([w], { lr: 0, momentum: 0.9, wd: 0.1, eta: 0.02, eps: 1e-8, nesterov: false, clip, always: true }).step();
        expect([...w.data]).toEqual([3, 4, 1]);
        expect([record.rate, record.updateNorm]).toEqual([0, 0]);
        expect(record.trust).not.toBeNaN();
      }
  });

  it("every one refuses a mode, trust coefficient or eps that it cannot work with", () => {
    const w = [matrix([1], [1])];
    for (const [name, make] of Object.entries({ larsTimm, larcFastai, larcNvcaffe, larcOpenSeq2Seq, larcAdam })) {
      const refuses = (given: object) => () => (make as (params: Param[], options: object) => unknown)(w, { lr: 0.1, ...given });
      expect(refuses({ mode: "cut" })).toThrow(`${name}: mode is "cut". It needs "clip" or "scale".`);
      expect(refuses({ trustCoefficient: 0 })).toThrow(`${name}: trustCoefficient is 0. It needs a finite number > 0.`);
    }
    expect(() => larcFastai(w, { lr: 0.1, eps: 0 })).toThrow("larcFastai: eps is 0. It needs a finite number > 0.");
    expect(() => larsSimclr(w, { lr: 0.1, eps: 1e-8 } as never)).toThrow("larsSimclr: eps is not an option.");
  });
});
