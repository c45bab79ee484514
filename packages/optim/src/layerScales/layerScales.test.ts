import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
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
