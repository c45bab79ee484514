import { describe, expect, it } from "vitest";
import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { linear } from "./linear.ts";
import { oneCycle } from "./oneCycle.ts";
import { polynomial } from "./polynomial.ts";
import { slantedTriangular } from "./slantedTriangular.ts";

const close = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length);
  for (const [i, x] of expected.entries()) expect(actual[i]).toBeCloseTo(x, 12);
};

describe("oneCycle", () => {
  it("is at its peak, and momentum at its lowest, at pctStart·steps − 1 when that is whole", () => {
    const { lr, momentum } = oneCycle({ peak: 0.4, steps: 100 });
    expect([lr(29), momentum(29)]).toEqual([0.4, 0.85]);
    close([lr(0), lr(99), momentum(0), momentum(99)], [0.4 / 25, 0.4 / 25 / 1e4, 0.95, 0.95]);
  });

  it("with three phases is back at its first rate as far behind the peak as the peak is from the start", () => {
    const { lr, momentum } = oneCycle({ peak: 1, steps: 20, pctStart: 0.4, phases: 3, anneal: "linear" });
    close([0, 7, 14, 19].map(lr), [0.04, 1, 0.04, 0.04 / 1e4]);
    close([0, 7, 14, 17, 19].map(momentum), [0.95, 0.85, 0.95, 0.95, 0.95]);
  });

  it("is half-way between its ends in the middle of a phase, for both curves", () => {
    for (const anneal of ["cos", "linear"] as const) close([oneCycle({ peak: 1, steps: 10, pctStart: 0.5, anneal }).lr(2)], [(1 + 0.04) / 2]);
  });

  it("refuses what cannot be a cycle", () => {
    const make = (options: object) => () => oneCycle({ peak: 1, steps: 10, ...options });
    expect(make({ peak: 0 })).toThrow("oneCycle: peak is 0. It needs a finite number > 0.");
    expect(make({ peak: Infinity })).toThrow("oneCycle: peak is Infinity. It needs a finite number > 0.");
    expect(make({ steps: 2.5 })).toThrow("oneCycle: steps is 2.5. It needs a whole number >= 1.");
    expect(make({ pctStart: 1.1 })).toThrow("oneCycle: pctStart is 1.1. It needs a number in [0, 1].");
    expect(make({ pctStart: 0.6, phases: 3 })).toThrow("oneCycle: pctStart is 0.6. It needs a number in [0, 0.5] for 3 phases, which spend it twice.");
    expect(make({ divFactor: 0.5 })).toThrow("oneCycle: divFactor is 0.5. It needs a finite number >= 1.");
    expect(make({ phases: 4 })).toThrow("oneCycle: phases is 4. It needs 2 or 3.");
    expect(make({ anneal: "exp" })).toThrow('oneCycle: anneal is "exp". It needs "cos" or "linear".');
    expect(make({ maxMomentum: 1 })).toThrow("oneCycle: maxMomentum is 1. It needs a number in [0, 1).");
  });
});

describe("slantedTriangular", () => {
  it("climbs for a tenth of the steps and comes down to peak/32", () => {
    const lr = slantedTriangular({ peak: 1, steps: 40 });
    close([0, 2, 4, 22, 40].map(lr), [1 / 32, (1 + 1 / 32) / 2, 1, (1 + 1 / 32) / 2, 1 / 32]);
  });

  it("stays at peak/ratio where the published formula would turn negative", () => {
    const lr = slantedTriangular({ peak: 1, steps: 19 });
    close([10, 11, 18].map(lr), [1 / 32, 1 / 32, 1 / 32]);
  });

  it("refuses a climb without a step", () => {
    expect(() => slantedTriangular({ peak: 1, steps: 9 })).toThrow("slantedTriangular: steps is 9 and cutFraction 0.1: the climb has no step. It needs steps·cutFraction >= 1.");
    expect(() => slantedTriangular({ peak: 1, steps: 9, cutFraction: 1 })).toThrow("slantedTriangular: cutFraction is 1. It needs a number in (0, 1).");
    expect(() => slantedTriangular({ peak: 1, steps: 90, ratio: 0.5 })).toThrow("slantedTriangular: ratio is 0.5. It needs a finite number >= 1.");
  });
});

describe("polynomial, linear, cosine, constant", () => {
  it("follow their formulas", () => {
    close([0, 5, 10].map(polynomial({ start: 1, end: 0.2, steps: 10, power: 2 })), [1, 0.4, 0.2]);
    close([0, 3, 8, 13].map(polynomial({ start: 1, steps: 10, begin: 3 })), [1, 1, 0.5, 0]);
    close([0, 5, 10].map(linear({ start: 0.2, end: 1, steps: 10 })), [0.2, 0.6, 1]);
    close([0, 2.5, 5].map(cosine({ start: 1, end: 0.5, steps: 5 })), [1, 0.75, 0.5]);
    expect([0, 99].map(constant(0.3))).toEqual([0.3, 0.3]);
  });

  it("refuse negative values and lengths that are no whole number", () => {
    expect(() => polynomial({ start: -1, steps: 5 })).toThrow("polynomial: start is -1. It needs a finite number >= 0.");
    expect(() => polynomial({ start: 1, steps: 5, power: 0 })).toThrow("polynomial: power is 0. It needs a finite number > 0.");
    expect(() => polynomial({ start: 1, steps: 5, begin: -1 })).toThrow("polynomial: begin is -1. It needs a whole number >= 0.");
    expect(() => linear({ start: 0, end: 1, steps: 0 })).toThrow("linear: steps is 0. It needs a whole number >= 1.");
    expect(() => cosine({ start: Number.NaN, steps: 5 })).toThrow("cosine: start is NaN. It needs a finite number >= 0.");
    expect(() => constant(Infinity)).toThrow("constant: value is Infinity. It needs a finite number.");
  });
});
