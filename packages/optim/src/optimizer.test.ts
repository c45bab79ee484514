import { describe, expect, it } from "vitest";
import type { Hyper } from "./hyper.ts";
import type { UpdateKernels } from "./kernels.ts";
import { createOptimizer, type Optimizer } from "./optimizer.ts";
import { adadelta } from "./optimizers/adadelta.ts";
import { adagrad } from "./optimizers/adagrad.ts";
import { adam } from "./optimizers/adam.ts";
import { adamW } from "./optimizers/adamW.ts";
import { adamax } from "./optimizers/adamax.ts";
import { larc } from "./optimizers/larc.ts";
import { nadam } from "./optimizers/nadam.ts";
import { radam } from "./optimizers/radam.ts";
import { rmsprop } from "./optimizers/rmsprop.ts";
import { sgd, sgdRule } from "./optimizers/sgd.ts";
import type { FloatArray, Param } from "./param.ts";
import { decoupled } from "./weightDecay.ts";

const one = (name: string, value = 1, extra: Partial<Param> = {}): Param => ({ name, data: Float64Array.of(value), grad: Float64Array.of(1), ...extra });
const thrown = (run: () => unknown): Record<string, unknown> => {
  try {
    run();
  } catch (error) {
    return error as Record<string, unknown>;
  }
  throw new Error("nothing was thrown");
};

describe("one step", () => {
  it("reads each schedule once per group and step, with the steps completed before", () => {
    const asked: number[] = [];
    const lr = (t: number): number => {
      asked.push(t);
      return 0.1;
    };
    const optimizer = sgd([one("a"), one("b"), one("c")], { lr });
    asked.length = 0;
    for (let i = 0; i < 3; i++) optimizer.step();
    expect(asked).toEqual([0, 1, 2]);
    expect(optimizer.stepCount).toBe(3);
  });

  it("returns records that later steps do not change", () => {
    const optimizer = sgd([one("a")], { lr: (t) => 0.1 * (t + 1) });
    const first = optimizer.step();
    const copy = structuredClone(first);
    optimizer.step();
    expect(first).toEqual(copy);
  });

  it("takes the layer from the parameter, or from the name up to its last dot", () => {
    const params = [one("stem.conv.weight"), one("stem.conv.bias"), one("head", 1, { layer: "classifier" }), one("scale")];
    expect(sgd(params, { lr: 0.1 }).step().map((r) => r.layer)).toEqual(["stem.conv", "stem.conv", "classifier", "scale"]);
  });

  it("calls afterUpdate of the parameters that it wrote, after writing, and of no others", () => {
    const seen: string[] = [];
    const watched = (name: string, grad: FloatArray | null): Param => {
      const param: Param = { name, data: Float64Array.of(1), grad, afterUpdate: () => seen.push(`${name} ${param.data[0]}`) };
      return param;
    };
    sgd([watched("a", Float64Array.of(1)), watched("b", null), watched("c", Float64Array.of(Number.NaN))], { lr: 0.5, nonFinite: "skip" }).step();
    expect(seen).toEqual(["a 0.5"]);
  });

  it("takes gradients from a map or a record instead of from the parameters", () => {
    const [a, b] = [one("a"), one("b")];
    const optimizer = sgd([a, b], { lr: 1 });
    optimizer.step(new Map([["a", Float64Array.of(0.25)]]));
    expect([a.data[0], b.data[0]]).toEqual([0.75, 1]);
    const records = optimizer.step({ a: null, b: Float64Array.of(0.5) });
    expect([a.data[0], b.data[0]]).toEqual([0.75, 0.5]);
    expect(records.map((r) => r.skipped)).toEqual(["noGradient", null]);
    expect(a.grad).toEqual(Float64Array.of(1));
  });

  it("sets every gradient to null in zeroGrad", () => {
    const params = [one("a"), one("b")];
    sgd(params, { lr: 0.1 }).zeroGrad();
    expect(params.map((p) => p.grad)).toEqual([null, null]);
  });

  it("climbs with maximize, and still shrinks the weights", () => {
    const run = (sign: number, options: object): number[] => {
      const w = one("a", 2);
      const optimizer = sgd([w], { lr: 0.1, momentum: 0.5, weightDecay: 0.5, ...options });
      return [1, -2, 3].map((g) => {
        w.grad = Float64Array.of(sign * g);
        optimizer.step();
        return w.data[0];
      });
    };
    expect(run(1, { maximize: true })).toEqual(run(-1, {}));
    expect(run(1, { maximize: true, weightDecay: decoupled(0.5) })).toEqual(run(-1, { weightDecay: decoupled(0.5) }));
  });

  it("uses the kernels it is given, and the plain loops for the rest", () => {
    const calls: string[] = [];
    const w = one("a");
    const optimizer = sgd([w], { lr: 0.1, kernels: { norm: () => { calls.push("norm"); return 7; }, momentum: (_w, _g, v, f) => { calls.push(`momentum ${v === null} ${f.outer}`); return 3; } } });
    expect(optimizer.step()[0]).toMatchObject({ weightNorm: 7, gradNorm: 7, updateNorm: 3 });
    expect(calls).toEqual(["norm", "norm", "momentum true 0.1"]);
    expect(w.data[0]).toBe(1);
  });

  it("takes the norms from kernels that measure, unless something is decided by them before the update", () => {
    const calls: string[] = [];
    const kernels: UpdateKernels = {
      reportsNorms: true,
      norm: () => { calls.push("norm"); return 7; },
      momentum: (_w, _g, _v, _f, before) => { calls.push(before ? "measuring" : "not measuring"); if (before) Object.assign(before, { weightNorm: 5, gradNorm: 6 }); return 3; },
    };
    const step = (make: (w: Param) => { step(): readonly object[] }): object => {
      calls.length = 0;
      return make(one("a")).step()[0]!;
    };
    expect(step((w) => sgd([w], { lr: 0.1, kernels }))).toMatchObject({ weightNorm: 5, gradNorm: 6, updateNorm: 3 });
    expect(calls).toEqual(["measuring"]);
    expect(step((w) => sgd([w], { lr: 0.1, kernels, nonFinite: "skip" }))).toMatchObject({ weightNorm: 7, gradNorm: 7 });
    expect(calls).toEqual(["norm", "norm", "not measuring"]);
    expect(step((w) => larc([w], { lr: 0.1, kernels }))).toMatchObject({ weightNorm: 7, gradNorm: 7 });
    expect(step((w) => larc([w], { lr: 0.1, kernels, exclude: ["a"] }))).toMatchObject({ weightNorm: 5, gradNorm: 6 });
    expect(step((w) => sgd([{ ...w, grad: null }], { lr: 0.1, kernels }))).toMatchObject({ weightNorm: 7, gradNorm: 0, skipped: "noGradient" });
  });
});

describe("groups", () => {
  const params = (): Param[] => [one("conv1.weight"), one("conv1.bias"), one("conv10.weight"), one("fc.weight")];
  const rates = (optimizer: { step(): readonly { name: string; lr: number }[] }): number[] => optimizer.step().map((r) => r.lr);

  it("are formed by name, pattern, expression, list, parameter and function", () => {
    expect(rates(sgd(params(), { lr: 1, groups: [{ params: "fc.weight", lr: 2 }] }))).toEqual([1, 1, 1, 2]);
    expect(rates(sgd(params(), { lr: 1, groups: [{ params: "conv1.*", lr: 2 }] }))).toEqual([2, 2, 1, 1]);
    expect(rates(sgd(params(), { lr: 1, groups: [{ params: /^conv\d+\.weight$/g, lr: 2 }] }))).toEqual([2, 1, 2, 1]);
    expect(rates(sgd(params(), { lr: 1, groups: [{ params: ["fc.weight", "*.bias"], lr: 2 }] }))).toEqual([1, 2, 1, 2]);
    const own = params();
    expect(rates(sgd(own, { lr: 1, groups: [{ params: [own[0], own[3]], lr: 2 }] }))).toEqual([2, 1, 1, 2]);
    expect(rates(sgd(params(), { lr: 1, groups: [{ params: (p) => p.name.includes("0"), lr: 2 }] }))).toEqual([1, 1, 2, 1]);
  });

  it("have any option and any schedule of their own", () => {
    const [a, b] = [one("a"), one("b")];
    const optimizer = sgd([a, b], { lr: 0.1, groups: [{ params: "b", lr: (t) => 1 / (t + 1), momentum: 0.5, weightDecay: 1 }] });
    optimizer.step();
    optimizer.step();
    expect(a.data[0]).toBeCloseTo(0.8, 12);
    // d = 1 + w = 2, w = −1; then v = 0.5·2 + (1 − 1) = 1, w = −1 − 0.5.
    expect(b.data[0]).toBeCloseTo(-1.5, 12);
  });

  it("need no common rate when every parameter is in a group of its own", () => {
    expect(rates(sgd([one("a"), one("b")], { groups: [{ params: "a", lr: 1 }, { params: "b", lr: 2 }] } as never))).toEqual([1, 2]);
  });

  it("refuse a parameter in two groups, a selector that names nothing, and two groups of one name", () => {
    const make = (groups: object[]) => () => sgd(params(), { lr: 1, groups: groups as never });
    expect(make([{ params: "conv*" }, { name: "biases", params: "*.bias" }])).toThrow('sgd: conv1.bias is in group "conv*" and in group "biases". A parameter belongs to one group.');
    expect(make([{ params: "conv2.*" }])).toThrow('sgd: params of group "conv2.*" names "conv2.*", which is none of the parameters: conv1.weight, conv1.bias, conv10.weight, fc.weight.');
    expect(make([{ params: [one("fc.weight")] }])).toThrow('names the parameter "fc.weight", which is none of the parameters');
    expect(make([{ name: "x", params: "fc.*" }, { name: "x", params: "conv*" }])).toThrow('sgd: two groups are named "x".');
    expect(make([{ name: "x", params: 3 }])).toThrow('params of group "x" is 3. It needs a name or pattern, a RegExp, a list of names or parameters, or a function.');
    expect(make([{ params: "fc.*", lr: -1 }])).toThrow('sgd: lr is -1 in group "fc.*". It needs a finite number >= 0.');
  });

  it("without a name are called by their pattern or number, and long lists of names are cut", () => {
    const many = (count: number): Param[] => Array.from({ length: count }, (_, i) => one(`p${i}`));
    expect(() => sgd(many(2), { lr: 1, groups: [{ params: [] }, { params: ["p1"], lr: -1 }] })).toThrow('lr is -1 in group "group 2"');
    expect(() => sgd(many(8), { lr: 1, exclude: "q" })).toThrow('sgd: exclude names "q", which is none of the parameters: p0, p1, p2, p3, p4, p5, p6, p7.');
    expect(() => sgd(many(10), { lr: 1, exclude: "q" })).toThrow("p6, p7 and 2 more.");
  });

  it("are changed by set, all or by name, and only if every change holds", () => {
    const optimizer = sgd(params(), { lr: 1, groups: [{ name: "head", params: "fc.*", lr: 2 }] });
    optimizer.set({ lr: 3 }, "head");
    expect(rates(optimizer)).toEqual([1, 1, 1, 3]);
    optimizer.set({ lr: 4 });
    expect(rates(optimizer)).toEqual([4, 4, 4, 4]);
    expect(() => optimizer.set({ lr: 5, momentum: 2 })).toThrow("momentum is 2");
    expect(() => optimizer.set({ lr: 5 }, "tail")).toThrow('sgd: there is no group "tail". The groups are "default", "head".');
    expect(rates(optimizer)).toEqual([4, 4, 4, 4]);
  });

  it("get a buffer when set switches momentum on in the middle of a run", () => {
    const w = one("a");
    const optimizer = sgd([w], { lr: 0.1 });
    optimizer.step();
    optimizer.set({ momentum: 0.5 });
    optimizer.step();
    optimizer.step();
    expect(w.data[0]).toBeCloseTo(1 - 0.1 - 0.1 - 0.15, 12);
  });

  it("exclude takes weight decay away from what it selects", () => {
    const [a, b] = [one("a"), one("b")];
    sgd([a, b], { lr: 0.1, weightDecay: 1, exclude: "b" }).step();
    expect(a.data[0]).toBeCloseTo(0.8, 12);
    expect(b.data[0]).toBeCloseTo(0.9, 12);
  });

  it("share a layer scale, which multiplies the rate of each layer and shows as its trust", () => {
    const optimizer = sgd(params(), { lr: 0.1, layerScale: ({ index, count }, t) => (index + 1 + t) / count });
    optimizer.step();
    const records = optimizer.step();
    expect(records.map((r) => r.trust)).toEqual([2 / 3, 2 / 3, 1, 4 / 3]);
    for (const r of records) expect(r.updateNorm).toBeCloseTo(r.rate, 12);
    const bad = sgd(params(), { lr: 0.1, layerScale: () => -1 });
    expect(() => bad.step()).toThrow("sgd: layerScale is -1 for layer conv1 at step 0. It needs a finite number >= 0.");
  });
});

describe("what agrees, and what does not", () => {
  const gradient = (w: Param): void => {
    w.grad = w.data.map((x, i) => (i + 1) * x + 0.1);
  };

  it("inside and outside the buffer, a constant rate makes the same steps; one that changes does not", () => {
    const run = (placement: "inside" | "outside", lr: Hyper): number[] => {
      const w: Param = { name: "w", data: Float64Array.of(1, -2), grad: null };
      const optimizer = createOptimizer({ ...sgdRule, placement }, [w], { lr, momentum: 0.9, nesterov: true, weightDecay: 0.1 });
      for (let t = 0; t < 10; t++) {
        gradient(w);
        optimizer.step();
      }
      return [...w.data];
    };
    // 1e-13: the rate is multiplied in at another place.
    for (const [i, x] of run("inside", 0.05).entries()) expect(x).toBeCloseTo(run("outside", 0.05)[i], 13);
    const falling = (t: number): number => 0.05 / (t + 1);
    expect(Math.abs(run("inside", falling)[0] - run("outside", falling)[0])).toBeGreaterThan(1e-3);
  });

  it("adamW without decay is adam without decay, to the bit", () => {
    const run = (make: typeof adam): number[] => {
      const w: Param = { name: "w", data: Float64Array.of(1, -2), grad: null };
      const optimizer = make([w], { lr: 0.05, weightDecay: 0 });
      for (let t = 0; t < 10; t++) {
        gradient(w);
        optimizer.step();
      }
      return [...w.data];
    };
    expect(run(adam)).toEqual(run(adamW));
  });

  it("a tensor split in two changes nothing for optimizers that go by the element", () => {
    const makers = [sgd, adam, adamW, rmsprop, adagrad, adadelta, adamax, nadam, radam] as unknown as readonly ((params: Param[], options: object) => Optimizer)[];
    for (const make of makers) {
      const whole: Param = { name: "w", data: Float64Array.of(1, -2), grad: Float64Array.of(0.3, -0.1) };
      const parts: Param[] = [{ name: "a", data: Float64Array.of(1), grad: Float64Array.of(0.3) }, { name: "b", data: Float64Array.of(-2), grad: Float64Array.of(-0.1) }];
      const [one, two] = [make([whole], { lr: 0.1 }), make(parts, { lr: 0.1 })];
      for (let t = 0; t < 5; t++) for (const optimizer of [one, two]) optimizer.step();
      expect(parts.map((p) => p.data[0])).toEqual([...whole.data]);
    }
  });
});

describe("what is refused leaves everything as it was", () => {
  it("a gradient of another length or type, also of the last of many parameters", () => {
    const [a, b] = [one("a"), one("b")];
    const optimizer = adamW([a, b], { lr: 0.1 });
    b.grad = Float64Array.of(1, 2);
    expect(thrown(() => optimizer.step())).toMatchObject({ code: "LLR_GRADIENT", param: "b", message: "adamW: the gradient of b is float64 of length 2. It needs float64 of length 1, as the parameter." });
    b.grad = Float32Array.of(1);
    expect(() => optimizer.step()).toThrow("adamW: the gradient of b is float32 of length 1. It needs float64 of length 1, as the parameter.");
    b.grad = [1] as never;
    expect(() => optimizer.step()).toThrow("the gradient of b is an array of 1. It needs float64 of length 1, as the parameter: Float64Array.from(gradient).");
    expect([a.data[0], optimizer.stepCount]).toEqual([1, 0]);
  });

  it("a parameter that was given other data of another length after construction", () => {
    const [a, b] = [one("a"), { ...one("b"), data: new Float64Array(2), grad: null }] as [Param, { data: Float64Array } & Param];
    const optimizer = sgd([a, b], { lr: 0.1, momentum: 0.9 });
    b.data = new Float64Array(3);
    expect(thrown(() => optimizer.step())).toMatchObject({ code: "LLR_GRADIENT", param: "b", message: "sgd: b has 3 values at step 0 and had 2 at construction. It needs the size that its state has." });
    expect([a.data[0], optimizer.stepCount]).toEqual([1, 0]);
  });

  it("a schedule that turns negative or NaN on the way, with the step", () => {
    const w = one("w");
    const optimizer = sgd([w], { lr: (t) => 0.1 - 0.1 * t, groups: [] });
    optimizer.step();
    optimizer.step();
    expect(thrown(() => optimizer.step())).toMatchObject({ code: "LLR_OPTION", option: "lr", message: "sgd: lr is -0.1 at step 2. It needs a finite number >= 0." });
    expect([w.data[0], optimizer.stepCount]).toEqual([0.9, 2]);
  });

  it("gradients of unknown names", () => {
    expect(() => sgd([one("a")], { lr: 0.1 }).step({ b: Float64Array.of(1) })).toThrow("sgd: there is a gradient for b, which is none of the parameters: a.");
  });

  it("names that occur twice, no parameters at all, and data that is no float array", () => {
    expect(() => sgd([one("a"), one("a")], { lr: 0.1 })).toThrow("sgd: two parameters are named a. Names need to be unique within an optimizer.");
    expect(() => sgd([], { lr: 0.1 })).toThrow("sgd: the list of parameters is empty. It needs at least one; an iterator that was already used up counts as empty.");
    expect(() => sgd([one("")], { lr: 0.1 })).toThrow('sgd: parameter 0 has the name "". It needs a text: state is kept by name.');
    expect(() => sgd([{ ...one("a"), data: [1] as never }], { lr: 0.1 })).toThrow("sgd: the data of a is an array of 1. It needs a Float32Array or a Float64Array: Float32Array.from(data).");
    expect(() => sgd([one("a", 1, { shape: [2, 3] })], { lr: 0.1 })).toThrow("sgd: a has 1 values and the shape [2, 3] of 6. They need to agree.");
  });
});

describe("a gradient that is not finite", () => {
  const pair = (): [Param, Param] => [one("good"), { ...one("bad"), grad: Float64Array.of(Number.NaN) }];

  it("is used by default, as in PyTorch, and its norm says so", () => {
    const [good, bad] = pair();
    const records = sgd([good, bad], { lr: 0.1 }).step();
    expect([good.data[0], bad.data[0]]).toEqual([0.9, Number.NaN]);
    expect(records[1].gradNorm).toBeNaN();
  });

  it("is left out with nonFinite: skip, with state and all", () => {
    const [good, bad] = pair();
    const optimizer = sgd([good, bad], { lr: 0.1, momentum: 0.9, nonFinite: "skip" });
    expect(optimizer.step().map((r) => r.skipped)).toEqual([null, "nonFinite"]);
    expect([good.data[0], bad.data[0]]).toEqual([0.9, 1]);
    expect(optimizer.stateDict().params.bad.numbers).toEqual({ momentumSteps: 0 });
    optimizer.step();
    expect(optimizer.skippedCount).toBe(2);
  });

  it("stops the step before anything is written with nonFinite: throw", () => {
    const [good, bad] = pair();
    const optimizer = sgd([good, bad], { lr: 0.1, nonFinite: "throw" });
    expect(() => optimizer.step()).toThrow('sgd: the gradient of bad is not finite (its norm is NaN) at step 0. nonFinite: "throw" needs finite gradients.');
    expect([good.data[0], bad.data[0], optimizer.stepCount]).toEqual([1, 1, 0]);
  });

  it("is shown, before anything is written, to whoever inspects the step, and may end it", () => {
    const [good, bad] = pair();
    const optimizer = sgd([good, bad, { ...one("still"), grad: null }], { lr: 0.1 });
    let seen: readonly object[] = [];
    const inspect = (measured: readonly object[]): void => {
      seen = measured;
      throw new Error("seen");
    };
    expect(() => optimizer.step(undefined, undefined, inspect)).toThrow("seen");
    expect(seen).toEqual([
      { name: "good", layer: "good", gradNorm: 1, skipped: null }, { name: "bad", layer: "bad", gradNorm: Number.NaN, skipped: null },
      { name: "still", layer: "still", gradNorm: 0, skipped: "noGradient" },
    ]);
    expect([good.data[0], bad.data[0], optimizer.stepCount]).toEqual([1, 1, 0]);
    // What is measured during the update is not there yet.
    const measuring: UpdateKernels = { reportsNorms: true, momentum: (_w, _g, _v, _f, before) => (before && Object.assign(before, { weightNorm: 1, gradNorm: 1 }), 0) };
    sgd([one("a")], { lr: 0.1, kernels: measuring }).step(undefined, undefined, (measured) => (seen = measured));
    expect(seen).toEqual([]);
  });

  it("has three policies and no fourth, and tells which one it is", () => {
    expect([sgd(pair(), { lr: 0.1 }).nonFinite, sgd(pair(), { lr: 0.1, nonFinite: "skip" }).nonFinite]).toEqual(["propagate", "skip"]);
    expect(() => sgd(pair(), { lr: 0.1, nonFinite: "ignore" as never })).toThrow('sgd: nonFinite is "ignore". It needs "propagate", "skip" or "throw".');
  });
});
