import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { madLlr, type MadLlrOptions } from "./madLlr.ts";
import type { FloatArray, Param } from "../param.ts";
import type { StepRecord } from "../optimizer.ts";

const positive = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const scalar = (value: number): Param => ({ name: "w", data: Float64Array.of(value), grad: null });

/** Steps with the given gradients (or those of a function of the weight), as records. */
function run(w: Param, gradients: readonly (number | ((x: number) => number))[], options: MadLlrOptions): StepRecord[] {
  const optimizer = madLlr([w], options);
  return gradients.map((g) => {
    const value = typeof g === "number" ? g : g(w.data[0]);
    w.grad = w.data.BYTES_PER_ELEMENT === 4 ? Float32Array.of(value) : Float64Array.of(value);
    return optimizer.step()[0];
  });
}

describe("madLlr's estimate", () => {
  it("is 1/h on a noiseless quadratic of curvature h, for any beta", () => {
    fc.assert(
      fc.property(positive(0, 0.999), positive(1e-3, 1e3), positive(0.1, 10), (beta, h, start) => {
        const records = run(scalar(start), [(x) => h * x, (x) => h * x], { lr: 1e-4 / h, mode: "literal", beta });
        // 1e-9: w − W is 1e-4 of w, so that four digits cancel.
        expect(records[1].rate * h).toBeCloseTo(1, 9);
        expect(records[1].limitedBy).toBeNull();
      }),
    );
  });

  it("stays 1/h while a small cap lets the weight only crawl", () => {
    const h = 4;
    const records = run(scalar(1), Array.from({ length: 40 }, () => (x: number) => h * x), { lr: 1e-3, beta: 0.9, warmup: 1, growth: 1e9 });
    for (const r of records.slice(1)) expect(r).toMatchObject({ rate: 1e-3, limitedBy: "schedule" });
    const state = { lr: 10, baseLr: 1, warmup: 30, growth: 1e9 };
    const late = run(scalar(1), Array.from({ length: 31 }, () => (x: number) => h * x), { ...state, lr: (t) => (t < 30 ? 1e-3 : 10) });
    expect(late[30].rate * h).toBeCloseTo(1, 9);
  });

  it("lies between 1/hmax and 1/hmin on a quadratic of several curvatures", () => {
    fc.assert(
      fc.property(positive(0, 0.99), fc.array(positive(0.1, 5), { minLength: 3, maxLength: 3 }), (beta, start) => {
        const h = [1, 5, 25];
        const w: Param = { name: "w", data: Float64Array.from(start), grad: null };
        const optimizer = madLlr([w], { lr: 0.01, mode: "cap", warmup: 3, beta, growth: 1e9, floor: 0, baseLr: 1 });
        for (let t = 0; t < 6; t++) {
          if (t === 3) optimizer.set({ lr: 100 });
          w.grad = w.data.map((x, i) => h[i] * x);
          const [{ rate }] = optimizer.step();
          if (t < 3) continue;
          expect(rate).toBeGreaterThanOrEqual((1 / 25) * (1 - 1e-9));
          expect(rate).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
    );
  });

  it("is multiplied by 1 − momentum, unless that is switched off", () => {
    const estimate = (options: Partial<MadLlrOptions>): number => run(scalar(1), [(x) => 2 * x, (x) => 2 * x], { lr: 0.01, mode: "literal", ...options })[1].rate;
    expect(estimate({ momentum: 0.9 })).toBeCloseTo(0.05, 9);
    expect(estimate({ momentum: 0.9, momentumCorrection: false })).toBeCloseTo(0.5, 9);
    expect(estimate({ coefficient: 0.5 })).toBeCloseTo(0.25, 9);
  });

  it("is the ratio of averaged differences, Smith's formula written with copies of the last step", () => {
    fc.assert(
      fc.property(positive(0.1, 0.95), fc.array(positive(0.1, 1), { minLength: 4, maxLength: 12 }), (beta, changes) => {
        // Gradients that differ from step to step: a rising sequence with steps of at least 0.1.
        const gradients = changes.map((_, t) => changes.slice(0, t + 1).reduce((a, b) => a + b, 0));
        const w = scalar(1);
        const optimizer = madLlr([w], { lr: 0.01, mode: "literal", beta, warmup: 3 });
        let [lastW, lastG, meanDw, meanDg] = [0, 0, 0, 0];
        for (const [t, g] of gradients.entries()) {
          const before = w.data[0];
          w.grad = Float64Array.of(g);
          if (t > 0) {
            meanDw = beta * meanDw + (1 - beta) * (before - lastW);
            meanDg = beta * meanDg + (1 - beta) * (g - lastG);
          }
          [lastW, lastG] = [before, g];
          const [{ rate, limitedBy }] = optimizer.step();
          // 1e-6 relative: both sums nearly cancel now and then.
          if (t >= 3 && limitedBy === null) expect(rate / Math.abs(meanDw / meanDg)).toBeCloseTo(1, 6);
        }
      }),
    );
  });

  it("takes a float32 weight that moved by less than 1e-6 of its size as unmoved, and a float64 weight at its word", () => {
    // 1000 ± 2e-4: three units in the last place of a float32, and below 1e-6 · 1000.
    const limits = (data: FloatArray, lr: number): (string | null)[] => run({ name: "w", data, grad: null }, [1, 1.5], { lr, mode: "literal" }).map((r) => r.limitedBy);
    expect(limits(Float32Array.of(1000), 2e-4)).toEqual(["warmup", "zeroNorm"]);
    expect(limits(Float64Array.of(1000), 2e-4)).toEqual(["warmup", null]);
    expect(limits(Float32Array.of(1000), 2e-2)).toEqual(["warmup", null]);
  });

  it("is none where the gradient changed and the weight did not", () => {
    expect(run(scalar(1), [0, 1], { lr: 0.1, mode: "literal" }).map((r) => [r.rate, r.limitedBy])).toEqual([[0.1, "warmup"], [0.1, "zeroNorm"]]);
  });
});

describe("madLlr's guards", () => {
  it("say when they act: warm-up, growth, floor, schedule, no estimate, and none", () => {
    const h = (curvature: number) => (x: number) => curvature * x;
    const limits = (gradients: readonly (number | ((x: number) => number))[], options: Partial<MadLlrOptions>): (string | null)[] =>
      run(scalar(1), gradients, { lr: 0.1, baseLr: 0.1, warmup: 1, ...options }).map((r) => r.limitedBy);
    expect(limits([h(1), h(1)], { warmup: 2 })).toEqual(["warmup", "warmup"]);
    expect(limits([h(1), h(1)], { lr: (t) => (t === 0 ? 0.1 : 0.5) })).toEqual(["warmup", "growth"]);
    expect(limits([h(1), h(1)], { growth: 100 })).toEqual(["warmup", "schedule"]);
    expect(limits([h(1), -1e6], {})).toEqual(["warmup", "floor"]);
    expect(limits([h(15), h(15)], {})).toEqual(["warmup", null]);
    // 1/20 is above the floor of 0.01 · 0.1.
    expect(limits([h(20), h(20)], { floor: 0.01 })).toEqual(["warmup", null]);
    expect(limits([1, 1], {})).toEqual(["warmup", "zeroNorm"]);
  });

  it("keep the rate between floor and lr, and let it grow by no more than growth, whatever the gradients", () => {
    fc.assert(
      fc.property(fc.array(positive(-100, 100), { minLength: 5, maxLength: 40 }), positive(1, 2), positive(0, 0.99), (gradients, growth, beta) => {
        const records = run(scalar(1), gradients, { lr: 0.1, growth, beta, floor: 0.01, warmup: 2 });
        for (const [t, r] of records.entries()) {
          expect(r.rate).toBeGreaterThanOrEqual(0.001);
          expect(r.rate).toBeLessThanOrEqual(0.1);
          if (t >= 2 && r.limitedBy !== "floor") expect(r.rate).toBeLessThanOrEqual(growth * records[t - 1].rate * (1 + 1e-12));
        }
      }),
    );
  });

  it("floor at floor · baseLr", () => {
    expect(run(scalar(1), [1, -1e6], { lr: 0.5, warmup: 1, floor: 0.01, baseLr: 0.2 })[1]).toMatchObject({ rate: 0.002, limitedBy: "floor" });
  });

  it("follow the cap down when a schedule takes it below the floor", () => {
    const records = run(scalar(1), [1, 2, 3], { lr: (t) => 0.1 / 10 ** (3 * t), baseLr: 0.1, warmup: 1, floor: 0.01 });
    expect(records.map((r) => r.rate)).toEqual([0.1, 0.1 / 1e3, 0.1 / 1e6]);
    expect(records[2].limitedBy).toBe("schedule");
  });

  it("never slow a fall: one jump of the gradient takes the rate down at once", () => {
    const [, , last] = run(scalar(1), [1, 1.0001, 1000], { lr: 0.1, warmup: 2, floor: 0 });
    expect(last.rate).toBeLessThan(1e-3);
    expect(last.limitedBy).toBeNull();
  });
});

describe("madLlr in one layer beside others", () => {
  it("keeps decay out of estimate and buffer: w shrinks by rate·wd", () => {
    const w = scalar(2);
    const [, second] = run(w, [0.5, 0.5], { lr: 0.1, warmup: 5, weightDecay: 0.25, momentum: 0.5 });
    // w = 2·(1 − 0.025) − 0.05 = 1.9; v = 0.75, w = 1.9·0.975 − 0.075.
    expect(second.rate).toBe(0.1);
    expect(w.data[0]).toBeCloseTo(1.9 * 0.975 - 0.075, 14);
  });

  it("skips gradients that are not finite, with means and buffer, and goes on from where it was", () => {
    const gradients = [1, 0.9, 0.7, 0.6];
    const [clean, dirty] = [scalar(1), scalar(1)];
    const expected = run(clean, gradients, { lr: 0.1, warmup: 1, momentum: 0.5 });
    const records = run(dirty, [1, 0.9, Number.NaN, 0.7, Infinity, 0.6], { lr: 0.1, warmup: 1, momentum: 0.5 });
    expect(records.map((r) => r.skipped)).toEqual([null, null, "nonFinite", null, "nonFinite", null]);
    expect(records.filter((r) => r.skipped === null)).toEqual(expected);
    expect(dirty.data[0]).toBe(clean.data[0]);
  });

  it("gives what is excluded the plain rate and keeps no means for it", () => {
    const optimizer = madLlr([{ ...scalar(1), grad: Float64Array.of(1) }], { lr: 0.1, exclude: "w", weightDecay: 1 });
    expect(optimizer.step()[0]).toMatchObject({ rate: 0.1, trust: 1, limitedBy: null });
    expect(Object.keys(optimizer.stateDict().params.w.arrays)).toEqual([]);
  });

  it("reports a trust of rate/lr, and 0 where lr is 0", () => {
    const records = run(scalar(1), [(x) => 15 * x, (x) => 15 * x, (x) => 15 * x], { lr: (t) => (t === 2 ? 0 : 0.1), baseLr: 0.1, warmup: 1 });
    expect(records[1].trust).toBeCloseTo(1 / 1.5, 9);
    expect([records[2].trust, records[2].rate]).toEqual([0, 0]);
  });

  it("refuses a schedule without its peak, an unknown mode, and growth below 1", () => {
    expect(() => madLlr([scalar(1)], { lr: () => 0.1 })).toThrow("madLlr: lr is a schedule and baseLr is undefined. The floor is a share of baseLr: it needs the schedule's peak.");
    expect(() => madLlr([scalar(1)], { lr: () => 0.1, mode: "literal" })).not.toThrow();
    expect(() => madLlr([scalar(1)], { lr: 0.1, mode: "clip" as never })).toThrow('madLlr: mode is "clip". It needs "cap" or "literal".');
    expect(() => madLlr([scalar(1)], { lr: 0.1, growth: 0.9 })).toThrow("madLlr: growth is 0.9. It needs a number >= 1.");
    expect(() => madLlr([scalar(1)], { lr: 0.1, beta: 1 })).toThrow("madLlr: beta is 1. It needs a number in [0, 1).");
  });
});

describe("why cap is the default: gradients that are mostly noise", () => {
  /** The largest and the last rate of 2,000 steps on a quadratic of curvature 1 with gradient noise, from a fixed generator. */
  function noisy(options: Partial<MadLlrOptions>): { largest: number; last: number } {
    let seed = 1;
    const noise = (): number => ((seed = (seed * 48271) % 2147483647) / 2147483647 - 0.5) * 2;
    const rates = run(scalar(1), Array.from({ length: 2000 }, () => (x: number) => x + noise()), { lr: 0.1, ...options }).map((r) => r.rate);
    return { largest: Math.max(...rates), last: rates.at(-1)! };
  }

  it("literal collapses to a rate of nearly 0 with a short memory", () => {
    expect(noisy({ mode: "literal", beta: 0 }).last).toBeLessThan(1e-6);
  });

  it("literal collapses with a small coefficient too, which is why it is no safety factor", () => {
    expect(noisy({ mode: "literal", beta: 0.9, coefficient: 0.1 }).last).toBeLessThan(1e-6);
  });

  it("cap stays between its floor and lr", () => {
    const { largest, last } = noisy({ beta: 0.9 });
    expect(largest).toBeLessThanOrEqual(0.1);
    expect(last).toBeGreaterThanOrEqual(1e-4);
  });
});

describe("madLlr with two gradients of one batch", () => {
  /** A quadratic of curvature h whose batches shift the gradient by noise: steps, each with the gradient of the batch before. */
  function sameBatch(h: number, noise: readonly number[], options: Partial<MadLlrOptions>): StepRecord[] {
    const w = scalar(1);
    const optimizer = madLlr([w], { lr: 0.01, mode: "literal", secant: "sameBatch", ...options });
    return noise.map((shift, t) => {
      w.grad = Float64Array.of(h * w.data[0] + shift);
      const before = t === 0 ? undefined : { w: Float64Array.of(h * w.data[0] + noise[t - 1]) };
      return optimizer.step(undefined, before)[0];
    });
  }

  it("finds 1/h whatever the noise of the batches, which the averages do not", () => {
    fc.assert(
      // Shifts that differ: after a step of 1/h an equal one would leave a gradient, and so a step, of nothing but rounding.
      fc.property(positive(0.5, 50), fc.uniqueArray(fc.integer({ min: -100, max: 100 }), { minLength: 3, maxLength: 12 }), (h, noise) => {
        const shifts = noise.map((x) => x / 10 + 0.05 - h);
        for (const record of sameBatch(h, shifts, {}).slice(1)) expect(record.rate * h).toBeCloseTo(1, 6);
      }),
    );
    const w = scalar(1);
    const averages = run(w, [(x) => x + 1, (x) => x - 1], { lr: 0.01, mode: "literal" });
    expect(averages[1].rate).toBeLessThan(0.1);
  });

  it("has no memory: beta changes nothing", () => {
    expect(sameBatch(2, [1, -1, 0.5, 2], { beta: 0 })).toEqual(sameBatch(2, [1, -1, 0.5, 2], { beta: 0.99 }));
  });

  it("needs the gradients of the batch before from the second step on, and keeps the last rate for what they do not name", () => {
    const w = { ...scalar(1), grad: Float64Array.of(1) };
    const optimizer = madLlr([w], { lr: 0.1, warmup: 1, secant: "sameBatch" });
    optimizer.step();
    const data = w.data[0];
    expect(() => optimizer.step()).toThrow("madLlr: step 1 has no gradients of the batch before. It needs them as step(gradients, previousBatch); pass {} to leave the estimate as it is.");
    expect([w.data[0], optimizer.stepCount]).toEqual([data, 1]);
    expect(optimizer.step(undefined, {})[0]).toMatchObject({ rate: 0.1, limitedBy: "zeroNorm" });
    expect(() => optimizer.step(undefined, { w: new Float64Array(2) })).toThrow("the gradient of w is float64 of length 2");
    expect(() => optimizer.step({ w: Float64Array.of(1) }, { v: Float64Array.of(1) })).toThrow("there is a gradient for v, which is none of the parameters: w.");
  });

  it("ignores a second gradient that is not finite", () => {
    const w = { ...scalar(1), grad: Float64Array.of(1) };
    const optimizer = madLlr([w], { lr: 0.1, warmup: 1, secant: "sameBatch" });
    optimizer.step();
    expect(optimizer.step(undefined, { w: Float64Array.of(Number.NaN) })[0]).toMatchObject({ rate: 0.1, limitedBy: "zeroNorm" });
    expect(optimizer.step(undefined, { w: Float64Array.of(3) })[0].rate).toBeCloseTo(0.05, 12);
  });
});

describe("madLlr with one estimate for a layer", () => {
  const layer = (): Param[] => [
    { name: "fc.weight", data: Float64Array.of(1, -2), grad: null },
    { name: "fc.bias", data: Float64Array.of(0.5), grad: null },
    { name: "out.weight", data: Float64Array.of(3), grad: null },
  ];
  const curvatures = [[1, 3], [9], [0.25]];
  const stepOn = (params: Param[], optimizer: { step(): StepRecord[] }): StepRecord[] => {
    for (const [k, p] of params.entries()) p.grad = p.data.map((x, i) => curvatures[k][i] * x);
    return optimizer.step();
  };

  it("is the estimate of the tensor that the layer's tensors would make together", () => {
    const params = layer();
    const optimizer = madLlr(params, { lr: 0.05, warmup: 2, growth: 1e9, floor: 0, scope: "layer", momentum: 0.5 });
    const whole: Param = { name: "fc", data: Float64Array.of(1, -2, 0.5), grad: null };
    const single = madLlr([whole], { lr: 0.05, warmup: 2, growth: 1e9, floor: 0, momentum: 0.5 });
    for (let t = 0; t < 10; t++) {
      const [weight, bias] = stepOn(params, optimizer);
      whole.grad = whole.data.map((x, i) => [1, 3, 9][i] * x);
      const [{ rate }] = single.step();
      expect(weight.rate).toBe(bias.rate);
      expect(weight.rate).toBeCloseTo(rate, 12);
    }
  });

  it("is that of each tensor where a layer has one", () => {
    const rates = (scope: "tensor" | "layer"): number[] => {
      const params = layer();
      const optimizer = madLlr(params, { lr: 10, warmup: 2, scope, mode: "literal" });
      return Array.from({ length: 6 }, () => stepOn(params, optimizer)[2].rate);
    };
    expect(rates("layer")).toEqual(rates("tensor"));
  });

  it("leaves out a tensor without gradient, and one that is excluded", () => {
    const params = layer();
    const optimizer = madLlr(params, { lr: 0.05, warmup: 1, growth: 1e9, floor: 0, scope: "layer", exclude: "out.weight" });
    stepOn(params, optimizer);
    params[0].grad = params[0].data.map((x, i) => curvatures[0][i] * x);
    params[1].grad = null;
    const [weight, bias, out] = optimizer.step();
    expect(bias.skipped).toBe("noGradient");
    expect(out).toMatchObject({ rate: 0.05, limitedBy: null });
    // Between 1/3 and 1, the curvatures of the weights alone, capped at lr.
    expect(weight).toMatchObject({ rate: 0.05, limitedBy: "schedule" });
  });

  it("refuses a secant and a scope that it does not know", () => {
    expect(() => madLlr(layer(), { lr: 1, secant: "batch" as never })).toThrow('madLlr: secant is "batch". It needs "averages" or "sameBatch".');
    expect(() => madLlr(layer(), { lr: 1, scope: "group" as never })).toThrow('madLlr: scope is "group". It needs "tensor" or "layer".');
  });
});
