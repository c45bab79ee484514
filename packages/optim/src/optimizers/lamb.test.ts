import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adamW } from "./adamW.ts";
import { lamb } from "./lamb.ts";
import { lambTimm } from "./lambTimm.ts";
import { decoupled } from "../weightDecay.ts";
import type { Param } from "../param.ts";

const matrix = (name: string, data: number[], grad: number[] | null): Param => ({ name, data: Float64Array.from(data), grad: grad && Float64Array.from(grad), shape: [data.length, 1] });

describe("lamb", () => {
  it("moves every layer by lr times its norm, decay included, once a direction is there", () => {
    const values = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(values, values, fc.double({ min: 0, max: 1, noNaN: true }), (start, gradient, weightDecay) => {
        const [record] = lamb([matrix("w", start, gradient)], { lr: 0.01, weightDecay }).step();
        expect(record.updateNorm).toBeCloseTo(0.01 * record.weightNorm, 12);
      }),
    );
  });

  it("is AdamW where a norm is zero, and says zeroNorm", () => {
    const [a, b] = [matrix("w", [0, 0], [1, -2]), matrix("w", [0, 0], [1, -2])];
    const [record] = lamb([a], { lr: 0.1 }).step();
    adamW([b], { lr: 0.1, eps: 1e-6 }).step();
    expect(record).toMatchObject({ trust: 1, limitedBy: "zeroNorm" });
    for (const [i, x] of b.data.entries()) expect(a.data[i]).toBeCloseTo(x, 14);
  });

  it("takes a plain decay as decoupled", () => {
    const run = (weightDecay: number | ReturnType<typeof decoupled>): number[] => {
      const w = matrix("w", [1, 2], [1, -1]);
      lamb([w], { lr: 0.1, weightDecay }).step();
      return [...w.data];
    };
    expect(run(0.5)).toEqual(run(decoupled(0.5)));
  });

  it("gives what is excluded Adam's step without decay", () => {
    const [a, b] = [matrix("w", [3, 4], [1, 1]), matrix("w", [3, 4], [1, 1])];
    expect(lamb([a], { lr: 0.1, weightDecay: 1, exclude: "w" }).step()[0].trust).toBe(1);
    adamW([b], { lr: 0.1, eps: 1e-6, weightDecay: 0 }).step();
    expect([...a.data]).toEqual([...b.data]);
  });
});

describe("lambTimm", () => {
  it("clips by the norm of all gradients together, excluded ones too, and leaves the gradients as they are", () => {
    const params = [matrix("a", [1, 1], [3, 0]), matrix("b", [1, 1], [0, 4])];
    const optimizer = lambTimm(params, { lr: 0.1, maxGradNorm: 1, beta1: 0, exclude: "b" });
    const records = optimizer.step();
    expect(params.map((p) => [...p.grad!])).toEqual([[3, 0], [0, 4]]);
    expect(records.map((r) => r.gradNorm)).toEqual([3, 4]);
    // 3/5 and 4/5 of the largest norm allowed.
    expect(optimizer.stateDict().params.a.arrays.firstMoment[0]).toBeCloseTo(0.6, 14);
    expect(optimizer.stateDict().params.b.arrays.firstMoment[1]).toBeCloseTo(0.8, 14);
  });

  it("leaves a gradient that is skipped out of that norm, and gradients below it alone", () => {
    const params = [matrix("a", [1, 1], [0.3, 0]), matrix("b", [1, 1], [0, Number.NaN])];
    const optimizer = lambTimm(params, { lr: 0.1, beta1: 0, nonFinite: "skip" });
    expect(optimizer.step().map((r) => r.skipped)).toEqual([null, "nonFinite"]);
    expect(optimizer.stateDict().params.a.arrays.firstMoment[0]).toBe(0.3);
  });

  it("corrects the bias by the steps of the optimizer, so a late parameter is short of correction, unlike in lamb", () => {
    const first = (make: typeof lambTimm): number => {
      const w = matrix("w", [0], null);
      const optimizer = make([w], { lr: 1, eps: 0 });
      for (let t = 0; t < 9; t++) optimizer.step();
      w.grad = Float64Array.of(0.5);
      return optimizer.step()[0].updateNorm;
    };
    expect(first(lamb)).toBeCloseTo(1, 12);
    expect(first(lambTimm)).toBeCloseTo((0.1 / (1 - 0.9 ** 10)) / Math.sqrt(0.001 / (1 - 0.999 ** 10)), 9);
  });

  it("leaves the bias where biasCorrection is false", () => {
    const w = matrix("w", [0], [0.5]);
    expect(lambTimm([w], { lr: 1, eps: 0, biasCorrection: false }).step()[0].updateNorm).toBeCloseTo(0.1 / Math.sqrt(0.001), 12);
  });

  it("caps the trust at 1 in clip mode, and says so", () => {
    const records = ["scale", "clip"].map((mode) => lambTimm([matrix("w", [30, 40], [1, 1])], { lr: 0.1, mode: mode as "clip" }).step()[0]);
    expect(records[0].trust).toBeGreaterThan(1);
    expect(records[1]).toMatchObject({ trust: 1, rate: 0.1, limitedBy: "schedule" });
  });

  it("refuses what it does not know", () => {
    const make = (options: object) => () => lambTimm([matrix("w", [1], null)], options);
    expect(make({ maxGradNorm: 0 })).toThrow("lambTimm: maxGradNorm is 0. It needs a number > 0, or Infinity.");
    expect(make({ decayOrder: "last" })).toThrow('lambTimm: decayOrder is "last". It needs "withUpdate" or "first".');
    expect(make({ mode: "trust" })).toThrow('lambTimm: mode is "trust". It needs "clip" or "scale".');
  });
});
