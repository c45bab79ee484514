import { describe, expect, it } from "vitest";
import { clamp } from "./clamp.ts";
import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { cosineAnnealing } from "./cosineAnnealing.ts";
import { cyclic } from "./cyclic.ts";
import { exponential } from "./exponential.ts";
import { flatCosine } from "./flatCosine.ts";
import { join } from "./join.ts";
import { linear } from "./linear.ts";
import { multiply } from "./multiply.ts";
import { multiStep } from "./multiStep.ts";
import { oneCycle } from "./oneCycle.ts";
import { oneCycleFastai } from "./oneCycleFastai.ts";
import { oneCycleOptax } from "./oneCycleOptax.ts";
import { oneCyclePlateau } from "./oneCyclePlateau.ts";
import { oneCycleSmith } from "./oneCycleSmith.ts";
import { polynomial } from "./polynomial.ts";
import { slantedCycle } from "./slantedCycle.ts";
import { slantedTriangular } from "./slantedTriangular.ts";
import { stepDecay } from "./stepDecay.ts";
import { warmRestarts } from "./warmRestarts.ts";
import { warmUp } from "./warmUp.ts";

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

describe("oneCyclePlateau", () => {
  it("climbs and stays in straight lines, then comes down along half a cosine", () => {
    const { lr, momentum } = oneCyclePlateau({ peak: 1, steps: 40, divFactor: 10 });
    close([0, 6, 12, 13, 19, 20, 30, 40].map(lr), [0.1, 0.55, 1, 1, 1, 1, (1 + 1e-5) / 2, 1e-5]);
    close([0, 6, 12, 13, 19, 20, 30, 40].map(momentum), [0.95, 0.9, 0.85, 0.85, 0.85, 0.85, 0.9, 0.95]);
  });

  it("may do without one of its parts", () => {
    close([0, 19, 20, 40].map(oneCyclePlateau({ peak: 1, steps: 40, pctStart: 0.5, pctPlateau: 0.5 }).lr), [0.04, 0.952, 1, 1]);
    close([0, 1].map(oneCyclePlateau({ peak: 1, steps: 40, pctStart: 0, pctPlateau: 0.5 }).lr), [1, 1]);
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
    expect(() => cosine({ start: 1, steps: 5, exponent: 0 })).toThrow("cosine: exponent is 0. It needs a finite number > 0.");
  });
});

describe("every other schedule", () => {
  it("refuses what would make it no schedule, with the value", () => {
    const refusals: [make: () => unknown, message: string][] = [
      [() => oneCycleFastai({ peak: 1, steps: 9, pctStart: -0.1 }), "oneCycleFastai: pctStart is -0.1. It needs a number in [0, 1]."],
      [() => oneCycleFastai({ peak: 1, steps: 9, finalDivFactor: Infinity }), "oneCycleFastai: finalDivFactor is Infinity. It needs a finite number >= 1."],
      [() => oneCycleOptax({ peak: 1, steps: 40, anneal: "sine" as never }), 'oneCycleOptax: anneal is "sine". It needs "cos" or "linear".'],
      [() => oneCycleSmith({ peak: 1, steps: 2 }), "oneCycleSmith: steps is 2 and pctFinal 0.1: the climb has no step. It needs steps·(1 − pctFinal) >= 2."],
      [() => oneCyclePlateau({ peak: 1, steps: 9, pctPlateau: 0.8 }), "oneCyclePlateau: pctStart is 0.3 and pctPlateau 0.8: more than all steps. Together they need to be at most 1."],
      [() => slantedCycle({ peak: 1, steps: 7 }), "slantedCycle: steps is 7 and cutDivisor 8: the climb has no step. It needs steps >= cutDivisor."],
      [() => slantedCycle({ peak: 1, steps: 8, baseMomentum: 1 }), "slantedCycle: baseMomentum is 1. It needs a number in [0, 1)."],
      [() => cyclic({ base: 0.2, peak: 0.1 }), "cyclic: peak is 0.1. It needs a finite number >= base, 0.2."],
      [() => cyclic({ base: 0.2, peak: Infinity }), "cyclic: peak is Infinity."],
      [() => cyclic({ base: 0, peak: 1, mode: "expRange", gamma: 1.1 }), "cyclic: gamma is 1.1. It needs a number in (0, 1]."],
      [() => cyclic({ base: 0, peak: 1, gamma: 0 }), "cyclic: gamma is 0."],
      [() => cyclic({ base: 0, peak: 1, mode: "exp_range" as never }), 'cyclic: mode is "exp_range". It needs "triangular", "triangular2" or "expRange".'],
      [() => cosineAnnealing({ start: 1, steps: 0 }), "cosineAnnealing: steps is 0. It needs a whole number >= 1."],
      [() => warmRestarts({ start: 1, period: 5, periodFactor: 1.5 }), "warmRestarts: periodFactor is 1.5. It needs a whole number >= 1."],
      [() => warmRestarts({ start: 1, period: 5, cycles: 0 }), "warmRestarts: cycles is 0. It needs a whole number >= 1."],
      [() => flatCosine({ start: 0, steps: 5 }), "flatCosine: start is 0. It needs a finite number > 0."],
      [() => exponential({ start: 1, gamma: 1.1 }), "exponential: gamma is 1.1 and there is no end: the value would grow past every number. It needs an end, or gamma <= 1."],
      [() => exponential({ start: 1, gamma: 0 }), "exponential: gamma is 0. It needs a finite number > 0."],
      [() => exponential({ start: 1, gamma: 0.5, end: -1 }), "exponential: end is -1. It needs a finite number >= 0."],
      [() => stepDecay({ start: 1, steps: 5, gamma: 1.5 }), "stepDecay: gamma is 1.5. It needs a number in [0, 1]."],
      [() => multiStep({ start: 1, milestones: 5 as never }), "multiStep: milestones is 5. It needs a list of steps."],
      [() => multiStep({ start: 1, milestones: [5, -1] }), "multiStep: milestones is -1 in place 2. It needs a finite number >= 0."],
      [() => multiStep({ start: 1, milestones: [5, 9], gamma: [0.1, -1] }), "multiStep: gamma is -1 for milestone 9. It needs a finite number >= 0."],
      [() => multiStep({ start: 1, milestones: [5, 9], gamma: [0.1] }), "multiStep: there are 1 gammas for 2 milestones. It needs one for all, or as many."],
      [() => join([], []), "join: there are 0 boundaries for 0 schedules. It needs a schedule, and a boundary between any two."],
      [() => join([1, 2], []), "join: there are 0 boundaries for 2 schedules."],
      [() => join([1, 2, 3], [5, 4]), "join: boundaries is 4 in place 2. It needs a finite number >= 5."],
      [() => join([1, 2], [-1]), "join: boundaries is -1 in place 1. It needs a finite number >= 0."],
      [() => join([1, 2], [Infinity]), "join: boundaries is Infinity in place 1."],
      [() => warmUp(1, { steps: -1 }), "warmUp: steps is -1. It needs a whole number >= 0."],
      [() => warmUp(1, { steps: 1, start: -1 }), "warmUp: start is -1. It needs a finite number >= 0."],
      [() => clamp(1, { min: 2, max: 1 }), "clamp: min is 2 and max 1. It needs min <= max."],
      [() => clamp(1, { min: Number.NaN }), "clamp: min is NaN. It needs a number."],
    ];
    for (const [make, message] of refusals) expect(make).toThrow(message);
  });

  it("takes the edge of what it takes", () => {
    expect(cyclic({ base: 1, peak: 1 }).lr(1234)).toBe(1);
    expect(exponential({ start: 1, gamma: 1 })(1e9)).toBe(1);
    expect([0, 1].map(join([3, 4, 5], [0, 0]))).toEqual([5, 5]);
    expect([0, 1].map(join([3, 4], [0.5]))).toEqual([3, 4]);
    expect([0, 1].map(warmUp(linear({ start: 2, end: 0, steps: 2 }), { steps: 0 }))).toEqual([2, 1]);
    expect([0, 9].map(clamp(0.5, {}))).toEqual([0.5, 0.5]);
    expect([0, 9].map(multiply())).toEqual([1, 1]);
    expect(multiStep({ start: 1, milestones: [] })(7)).toBe(1);
    expect(multiStep({ start: 1, milestones: [5] })(5)).toBe(0.1);
    expect([4, 5].map(multiStep({ start: 1, milestones: [5], gamma: 0 }))).toEqual([1, 0]);
  });
});
