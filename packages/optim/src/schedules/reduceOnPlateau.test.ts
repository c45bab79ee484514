import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reduceOnPlateau, type ReduceOnPlateau } from "./reduceOnPlateau.ts";

/** The value that each observation leaves behind. */
const after = (plateau: ReduceOnPlateau, metrics: readonly number[]): number[] => metrics.map((metric) => (plateau.observe(metric), plateau.value(0)));
const metric = fc.double({ min: 0.01, max: 3, noNaN: true });

describe("reduceOnPlateau", () => {
  it("puts up with `patience` bad observations in a row and reduces at the next", () => {
    const plateau = reduceOnPlateau({ start: 1, factor: 0.5, patience: 2 });
    expect(after(plateau, [3, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1])).toEqual([1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125]);
  });

  it("asks for an improvement larger than the threshold, relative or absolute, downwards or upwards", () => {
    const cases = [
      // A tenth of 2, or 0.1.
      { mode: "min", thresholdMode: "rel", good: 1.79, bad: 1.81 },
      { mode: "min", thresholdMode: "abs", good: 1.89, bad: 1.91 },
      { mode: "max", thresholdMode: "rel", good: 2.21, bad: 2.19 },
      { mode: "max", thresholdMode: "abs", good: 2.11, bad: 2.09 },
    ] as const;
    for (const { mode, thresholdMode, good, bad } of cases) {
      const make = () => reduceOnPlateau({ start: 1, patience: 0, threshold: 0.1, mode, thresholdMode });
      expect([after(make(), [2, good])[1], after(make(), [2, bad])[1]]).toEqual([1, 0.1]);
    }
  });

  it("forgives everything during the cooldown, and counts from 0 after it", () => {
    const plateau = reduceOnPlateau({ start: 1, factor: 0.5, patience: 1, cooldown: 2 });
    expect(after(plateau, [1, 1, 1, 1, 1, 1, 1, 1])).toEqual([1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25]);
  });

  it("never goes below min, and leaves out reductions that are no more than eps", () => {
    expect(after(reduceOnPlateau({ start: 1, factor: 0.1, patience: 0, min: 0.05 }), [1, 1, 1, 1])).toEqual([1, 0.1, 0.05, 0.05]);
    expect(after(reduceOnPlateau({ start: 1e-8, factor: 0.5, patience: 0 }), [1, 1])).toEqual([1e-8, 1e-8]);
  });

  it("counts NaN as bad, also as the first observation", () => {
    const plateau = reduceOnPlateau({ start: 1, factor: 0.5, patience: 1 });
    expect(after(plateau, [Number.NaN, Number.NaN, 5, Number.NaN, 4])).toEqual([1, 0.5, 0.5, 0.5, 0.5]);
  });

  it("counts the worst there can be as bad, and anything else as better than nothing", () => {
    const first = (mode: "min" | "max", metric: number): number => after(reduceOnPlateau({ start: 1, factor: 0.5, patience: 0, mode }), [metric])[0];
    expect([first("min", Infinity), first("min", 1e300), first("max", -Infinity), first("max", -1e300), first("max", Infinity)]).toEqual([0.5, 1, 0.5, 1, 1]);
  });

  it("never rises, and stays within start and min", () => {
    fc.assert(
      fc.property(fc.array(metric, { maxLength: 60 }), fc.nat(3), fc.nat(3), fc.double({ min: 0, max: 0.9, noNaN: true }), (metrics, patience, cooldown, factor) => {
        const values = after(reduceOnPlateau({ start: 1, factor, patience, cooldown, min: 0.01 }), metrics);
        for (const [i, value] of values.entries()) {
          expect(value).toBeLessThanOrEqual(i === 0 ? 1 : values[i - 1]);
          expect(value).toBeGreaterThanOrEqual(0.01);
        }
      }),
    );
  });

  it("goes on from a saved state, through JSON, as if it had not been interrupted", () => {
    fc.assert(
      fc.property(fc.array(metric, { maxLength: 30 }), fc.array(metric, { maxLength: 30 }), fc.nat(2), fc.nat(2), (before, later, patience, cooldown) => {
        const options = { start: 1, factor: 0.5, patience, cooldown };
        const [whole, saved, resumed] = [0, 1, 2].map(() => reduceOnPlateau(options));
        after(saved, before);
        resumed.loadStateDict(JSON.parse(JSON.stringify(saved.stateDict())));
        expect([...after(saved, []), ...after(resumed, later)]).toEqual(after(whole, [...before, ...later]).slice(before.length));
      }),
    );
  });

  it("refuses a state that is none, and keeps its own", () => {
    const plateau = reduceOnPlateau({ start: 1 });
    const state = plateau.stateDict();
    expect(() => plateau.loadStateDict({} as never)).toThrow("reduceOnPlateau: the state has the version undefined. It needs what stateDict() returned, version 1.");
    expect(() => plateau.loadStateDict({ ...state, value: Number.NaN })).toThrow("reduceOnPlateau: value in the state is NaN. It needs a finite number >= 0.");
    expect(() => plateau.loadStateDict({ ...state, value: 0.5, best: "1" as never })).toThrow('reduceOnPlateau: best in the state is "1". It needs a number or null.');
    expect(plateau.stateDict()).toEqual(state);
  });

  it("refuses options and observations that it cannot work with", () => {
    expect(() => reduceOnPlateau({ start: 1, factor: 1 })).toThrow("reduceOnPlateau: factor is 1. It needs a number in [0, 1).");
    expect(() => reduceOnPlateau({ start: 1, patience: 1.5 })).toThrow("reduceOnPlateau: patience is 1.5. It needs a whole number >= 0.");
    expect(() => reduceOnPlateau({ start: 1, mode: "lowest" as never })).toThrow('reduceOnPlateau: mode is "lowest". It needs "min" or "max".');
    expect(() => reduceOnPlateau({ start: 1, thresholdMode: "relative" as never })).toThrow('thresholdMode is "relative". It needs "rel" or "abs".');
    expect(() => reduceOnPlateau({ start: 1 }).observe("0.1" as never)).toThrow('reduceOnPlateau: the metric is "0.1". It needs a number.');
  });
});
