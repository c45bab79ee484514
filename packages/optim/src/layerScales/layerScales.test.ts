import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { discriminative } from "./discriminative.ts";
import { layerCycle } from "./layerCycle.ts";
import { layerDecay } from "./layerDecay.ts";
import { layerLinear } from "./layerLinear.ts";
import { layerRamp } from "./layerRamp.ts";
import { spread } from "./spread.ts";
import { lars } from "../optimizers/lars.ts";
import { sgd } from "../optimizers/sgd.ts";
import type { Param } from "../param.ts";

const scales = (scale: ReturnType<typeof spread>, count: number, t: number): number[] => Array.from({ length: count }, (_, index) => scale({ name: "", index, count }, t));
const ratio = fc.double({ min: 0.01, max: 100, noNaN: true });

describe("spread", () => {
  it("goes from first to last in equal ratios", () => {
    fc.assert(
      fc.property(ratio, ratio, fc.integer({ min: 2, max: 60 }), (first, last, count) => {
        const all = scales(spread(first, last), count, 0);
        expect([all[0], all.at(-1)]).toEqual([first, last]);
        for (let i = 2; i < count; i++) expect((all[i] / all[i - 1]) / (all[1] / all[0])).toBeCloseTo(1, 10);
      }),
    );
  });

  it("gives a single layer the last multiplier, as fastai does", () => expect(scales(spread(0.1, 1), 1, 0)).toEqual([1]));

  it("refuses multipliers that are not positive", () => expect(() => spread(0, 1)).toThrow("spread: first is 0. It needs a finite number > 0."));
});

describe("layerRamp", () => {
  it("keeps the geometric mean of the rates at the schedule's, at every step and for any number of layers", () => {
    fc.assert(
      fc.property(ratio, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 1000 }), fc.nat(2000), (r, count, steps, t) => {
        const logs = scales(layerRamp({ ratio: r, steps }), count, t).map(Math.log);
        expect(logs.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 10);
      }),
    );
  });

  it("begins with the first layer at ratio, is even half-way, ends reversed, and holds there", () => {
    const ramp = layerRamp({ ratio: 9, steps: 10 });
    expect(scales(ramp, 2, 0)).toEqual([9, 1 / 9]);
    expect(scales(ramp, 2, 5)).toEqual([1, 1]);
    expect(scales(ramp, 2, 10)).toEqual([1 / 9, 9]);
    expect(scales(ramp, 2, 11)).toEqual([1 / 9, 9]);
  });

  it("refuses a ratio of 0", () => expect(() => layerRamp({ ratio: 0, steps: 1 })).toThrow("layerRamp: ratio is 0. It needs a finite number > 0."));
});

describe("layerDecay and discriminative", () => {
  it("leave the last layer its rate, and each layer before it the same share of the next one's", () => {
    fc.assert(
      fc.property(ratio, fc.integer({ min: 1, max: 20 }), (r, count) => {
        const [decayed, divided] = [scales(layerDecay(r), count, 7), scales(discriminative(1 / r), count, 7)];
        expect([decayed.at(-1), divided.at(-1)]).toEqual([1, 1]);
        for (let i = 1; i < count; i++) expect(decayed[i - 1] / decayed[i]).toBeCloseTo(r, 10);
        for (const [i, scale] of decayed.entries()) expect(divided[i] / scale).toBeCloseTo(1, 10);
      }),
    );
  });

  it("give ULMFiT's four layers 1, 1/2.6, 1/2.6² and 1/2.6³", () => {
    for (const [i, k] of [3, 2, 1, 0].entries()) expect(scales(discriminative(), 4, 0)[i]).toBeCloseTo(1 / 2.6 ** k, 12);
  });

  it("refuse what is not positive", () => {
    expect(() => layerDecay(0)).toThrow("layerDecay: decay is 0. It needs a finite number > 0.");
    expect(() => discriminative(-2.6)).toThrow("discriminative: factor is -2.6. It needs a finite number > 0.");
  });
});

describe("layerCycle", () => {
  const shape = fc.constantFrom("cosine" as const, "triangle" as const);

  it("keeps the geometric mean of the rates at the schedule's, at every step and for any number of layers", () => {
    fc.assert(
      fc.property(ratio, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0.25, max: 9, noNaN: true }), shape, fc.nat(2000), (r, count, steps, cycles, form, t) => {
        const logs = scales(layerCycle({ ratio: r, steps, cycles, shape: form }), count, t).map(Math.log);
        expect(logs.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 9);
      }),
    );
  });

  it("comes back to where it began with every cycle, reversed half-way, and holds after the last", () => {
    for (const form of ["cosine", "triangle"] as const) {
      const cycle = layerCycle({ ratio: 9, steps: 40, cycles: 2, shape: form });
      const first = [0, 5, 10, 15, 20, 30, 40, 77].map((t) => cycle({ name: "", index: 0, count: 2 }, t));
      for (const [i, scale] of [9, 1, 1 / 9, 1, 9, 1 / 9, 9, 9].entries()) expect(first[i]).toBeCloseTo(scale, 10);
    }
  });

  it("in a triangle is layerRamp for half a cycle", () => {
    fc.assert(
      fc.property(ratio, fc.integer({ min: 1, max: 10 }), fc.nat(99), (r, count, t) => {
        const [cycle, ramp] = [layerCycle({ ratio: r, steps: 100, cycles: 0.5, shape: "triangle" }), layerRamp({ ratio: r, steps: 100 })];
        for (const [i, scale] of scales(ramp, count, t).entries()) expect(scales(cycle, count, t)[i] / scale).toBeCloseTo(1, 10);
      }),
    );
  });

  it("goes through one cosine unless told otherwise", () => {
    const plain = layerCycle({ ratio: 3, steps: 8 });
    for (let t = 0; t < 9; t++) expect(scales(plain, 4, t)).toEqual(scales(layerCycle({ ratio: 3, steps: 8, cycles: 1, shape: "cosine" }), 4, t));
    expect(plain({ name: "", index: 0, count: 2 }, 4)).toBeCloseTo(1 / 3, 12);
  });

  it("refuses shapes that it does not know", () => expect(() => layerCycle({ ratio: 2, steps: 1, shape: "saw" as never })).toThrow('layerCycle: shape is "saw". It needs "cosine" or "triangle".'));
});

describe("layerLinear", () => {
  it("keeps the mean of the rates at the schedule's and no rate negative, at every step", () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 1000 }), fc.nat(2000), (amount, count, steps, t) => {
        const all = scales(layerLinear({ amount, steps }), count, t);
        expect(all.reduce((a, b) => a + b, 0) / count).toBeCloseTo(1, 10);
        expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("goes in a straight line from amount to −amount, and holds there", () => {
    const scale = layerLinear({ amount: 0.5, steps: 4 });
    expect([0, 1, 2, 3, 4, 9].map((t) => scale({ name: "", index: 0, count: 3 }, t))).toEqual([1.5, 1.25, 1, 0.75, 0.5, 0.5]);
  });

  it("refuses an amount that would make a rate negative, and takes the largest that does not", () => {
    for (const amount of [1.1, -1.1]) expect(() => layerLinear({ amount, steps: 1 })).toThrow(`layerLinear: amount is ${amount}. It needs a number in [-1, 1].`);
    expect(scales(layerLinear({ amount: 1, steps: 1 }), 2, 0)).toEqual([2, 0]);
    expect(scales(layerLinear({ amount: -1, steps: 1 }), 2, 0)).toEqual([0, 2]);
  });
});

describe("layers", () => {
  const param = (name: string, layer?: string): Param => ({ name, data: Float64Array.of(2), grad: Float64Array.of(1), shape: [1, 1], ...(layer && { layer }) });

  it("are counted by distinct layer in the order of the parameters, over all groups", () => {
    const params = [param("stem.weight"), param("stem.bias"), param("block.weight", "body"), param("other", "body"), param("head.weight")];
    const records = sgd(params, { lr: 1, layerScale: spread(0.01, 1), groups: [{ params: "*.bias" }, { params: "head.*", lr: 2 }] }).step();
    expect(records.map((r) => r.rate)).toEqual([0.01, 0.01, 0.1, 0.1, 2]);
  });

  it("multiply with a layer rate: lars under a spread gives λ times the scale", () => {
    const params = [param("a"), param("b")];
    const records = lars(params, { lr: 3, weightDecay: 0, layerScale: spread(0.5, 1) }).step();
    expect(records.map((r) => r.trust)).toEqual([0.001, 0.002]);
    expect(records.map((r) => r.rate)).toEqual([0.003, 0.006]);
  });
});
