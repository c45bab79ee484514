// Properties that every schedule has, tested from one list: adding a schedule means adding a line to it.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Schedule } from "../hyper.ts";
import { clamp } from "./clamp.ts";
import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { cosineAnnealing } from "./cosineAnnealing.ts";
import type { Cycle } from "./cycle.ts";
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
import { phases } from "./phases.ts";
import { piecewise } from "./piecewise.ts";
import { polynomial } from "./polynomial.ts";
import { slantedCycle } from "./slantedCycle.ts";
import { slantedTriangular } from "./slantedTriangular.ts";
import { stepDecay } from "./stepDecay.ts";
import { warmRestarts } from "./warmRestarts.ts";
import { warmUp } from "./warmUp.ts";

const value = fc.double({ min: 1e-6, max: 10, noNaN: true });
const steps = fc.integer({ min: 1, max: 500 });
const share = fc.double({ min: 0.05, max: 0.45, noNaN: true });
const factor = fc.double({ min: 1, max: 100, noNaN: true });
const gamma = fc.double({ min: 0.01, max: 1, noNaN: true });

interface Built {
  readonly schedule: Schedule;
  /** Where it ends; Infinity for one that goes on for ever. */
  readonly steps: number;
  /** Its first value and that at `steps`, if the options say them. */
  readonly from?: number;
  readonly to?: number;
  /** Largest value that the options allow. */
  readonly peak: number;
  /** "down" and "up" never turn; "hill" goes up once and then down once, "valley" the other way; "waves" may do anything. */
  readonly course: "down" | "up" | "hill" | "valley" | "waves";
  /** Values halfway through each step, from t = 0 to t = `until`, sum up to this. */
  readonly area?: { readonly until: number; readonly sum: number };
  /** It jumps where its options say so; all others are continuous. */
  readonly jumps?: true;
}
const line = (schedule: Schedule, steps: number, from: number, to: number): Built => ({ schedule, steps, from, to, peak: Math.max(from, to), course: from > to ? "down" : "up" });
/** The curve is a straight line or half a cosine, each symmetrical about its middle: the area is that of the trapezium. */
const symmetrical = (built: Built): Built => ({ ...built, area: { until: built.steps, sum: (built.steps * (built.from! + built.to!)) / 2 } });

/** Two entries from one cycle. `corners`: the whole steps at which pieces begin and end, with the rate there, for the area. */
function cycles<O extends { peak: number; steps: number }>(name: string, options: fc.Arbitrary<O>, make: (options: O) => Cycle, ends: (options: O) => { from?: number; to?: number; steps?: number; corners?: [t: number, lr: number][] }): Entry[] {
  const momenta = fc.tuple(options, fc.double({ min: 0, max: 0.9, noNaN: true }));
  return [
    {
      name: `${name}'s rate`,
      built: options.map((o) => {
        const { corners, ...rest } = ends(o);
        const sum = corners?.slice(1).reduce((total, [t, lr], i) => total + ((t - corners[i][0]) * (lr + corners[i][1])) / 2, 0);
        return { schedule: make(o).lr, steps: o.steps, peak: o.peak, course: "hill", ...rest, ...(sum !== undefined && { area: { until: o.steps, sum } }) };
      }),
    },
    {
      name: `${name}'s momentum`,
      built: momenta.map(([o, baseMomentum]) => ({ schedule: make({ ...o, baseMomentum, maxMomentum: 0.95 }).momentum, steps: ends(o).steps ?? o.steps, to: 0.95, peak: 0.95, course: "valley" })),
    },
  ];
}

interface Entry { readonly name: string; readonly built: fc.Arbitrary<Built> }

const torchCycle = fc.record({ peak: value, steps, pctStart: fc.double({ min: 0, max: 0.5, noNaN: true }), anneal: fc.constantFrom("cos" as const, "linear" as const), phases: fc.constantFrom(2 as const, 3 as const), divFactor: factor });
const optaxCycle = fc.record({ peak: value, steps: fc.integer({ min: 25, max: 500 }), pctStart: share, pctFinal: fc.double({ min: 0.5, max: 0.95, noNaN: true }), anneal: fc.constantFrom("cos" as const, "linear" as const), divFactor: factor });
const longCycle = fc.record({ peak: value, steps: fc.integer({ min: 20, max: 500 }), divFactor: factor });

const SCHEDULES: readonly Entry[] = [
  { name: "constant", built: value.map((v) => symmetrical(line(constant(v), 1, v, v))) },
  { name: "linear", built: fc.tuple(value, value, steps).map(([start, end, n]) => symmetrical(line(linear({ start, end, steps: n }), n, start, end))) },
  { name: "cosine", built: fc.tuple(value, value, steps).map(([start, end, n]) => symmetrical(line(cosine({ start, end, steps: n }), n, start, end))) },
  { name: "cosine with an exponent", built: fc.tuple(value, value, steps, fc.double({ min: 0.5, max: 4, noNaN: true })).map(([start, end, n, exponent]) => line(cosine({ start, end, steps: n, exponent }), n, start, end)) },
  {
    name: "cosineAnnealing",
    built: fc.tuple(value, value, steps).map(([start, end, n]) => ({ schedule: cosineAnnealing({ start, end, steps: n }), steps: Infinity, from: start, peak: Math.max(start, end), course: "waves", area: { until: 3 * n, sum: (3 * n * (start + end)) / 2 } })),
  },
  {
    name: "warmRestarts",
    built: fc.tuple(value, value, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 })).map(([start, end, period, periodFactor, count]) => {
      const length = Array.from({ length: count }, (_, i) => period * periodFactor ** i).reduce((a, b) => a + b, 0);
      return { schedule: warmRestarts({ start, end, period, periodFactor, cycles: count }), steps: length, from: start, to: end, peak: Math.max(start, end), course: "waves", jumps: true, area: { until: length, sum: (length * (start + end)) / 2 } };
    }),
  },
  {
    name: "warmRestarts without end",
    built: fc.tuple(value, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 3 })).map(([start, period, periodFactor]) => ({ schedule: warmRestarts({ start, period, periodFactor }), steps: Infinity, from: start, peak: start, course: "waves", jumps: true })),
  },
  { name: "flatCosine", built: fc.tuple(value, steps, fc.oneof(fc.double({ min: 0, max: 0.99, noNaN: true }), fc.constant(1))).map(([start, n, pctStart]) => ({ ...line(flatCosine({ start, steps: n, pctStart }), n, start, pctStart < 1 ? start / 1e5 : start), course: "down" })) },
  {
    name: "polynomial",
    built: fc.tuple(value, value, steps, fc.double({ min: 0.5, max: 4, noNaN: true }), fc.nat(50)).map(([start, end, n, power, begin]) => line(polynomial({ start, end, steps: n, power, begin }), begin + n, start, end)),
  },
  { name: "exponential", built: fc.tuple(value, gamma, steps).map(([start, g, n]) => ({ schedule: exponential({ start, gamma: g, steps: n }), steps: Infinity, from: start, peak: start, course: "down" })) },
  {
    name: "exponential, growing",
    built: fc.tuple(fc.double({ min: 1e-6, max: 1, noNaN: true }), fc.double({ min: 1.01, max: 3, noNaN: true }), fc.nat(20)).map(([start, g, begin]) => {
      const n = Math.ceil(Math.log(10 / start) / Math.log(g)) + 1;
      return line(exponential({ start, gamma: g, begin, end: 10 }), begin + n, start, 10);
    }),
  },
  { name: "exponential in stairs", built: fc.tuple(value, gamma, steps).map(([start, g, n]) => ({ schedule: exponential({ start, gamma: g, steps: n, staircase: true }), steps: Infinity, from: start, peak: start, course: "down", jumps: true })) },
  { name: "stepDecay", built: fc.tuple(value, gamma, steps).map(([start, g, n]) => ({ schedule: stepDecay({ start, gamma: g, steps: n }), steps: Infinity, from: start, peak: start, course: "down", jumps: true })) },
  {
    name: "multiStep",
    built: fc.tuple(value, gamma, fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 6 })).map(([start, g, milestones]) => ({ ...line(multiStep({ start, gamma: g, milestones }), Math.max(0, ...milestones), start, start * g ** milestones.length), course: "down", jumps: true })),
  },
  {
    name: "slantedTriangular",
    built: fc.tuple(value, fc.integer({ min: 20, max: 500 }), fc.double({ min: 0.05, max: 0.9, noNaN: true }), factor).map(([peak, n, cutFraction, ratio]) => ({
      // It may reach its smallest rate a little before its end, and 1/0.9 of a step after it.
      schedule: slantedTriangular({ peak, steps: n, cutFraction, ratio }), steps: n + 2, from: peak / ratio, peak, course: "hill",
    })),
  },
  ...cycles("oneCycle", torchCycle, oneCycle, (o) => ({ to: o.peak / o.divFactor / 1e4, steps: o.steps - 1 })),
  ...cycles("oneCycleFastai", fc.record({ peak: value, steps, pctStart: share }), oneCycleFastai, (o) => ({ from: o.peak / 25, to: o.peak / 1e5 })),
  ...cycles("oneCycleOptax", optaxCycle, oneCycleOptax, ({ peak, steps: n, pctStart, pctFinal, anneal, divFactor }) => {
    const [first, last] = [peak / divFactor, peak / divFactor / 1e4];
    const back: [number, number][] = anneal === "linear" ? [[Math.floor(pctFinal * n), first]] : [];
    return { from: first, to: last, corners: [[0, first], [Math.floor(pctStart * n), peak], ...back, [n, last]] };
  }),
  ...cycles("oneCycleSmith", longCycle, oneCycleSmith, ({ peak, steps: n, divFactor }) => {
    const [half, first] = [Math.floor((n * 0.9) / 2), peak / divFactor];
    return { from: first, to: first / 100, corners: [[0, first], [half, peak], [2 * half, first], [n, first / 100]] };
  }),
  ...cycles("oneCyclePlateau", longCycle, oneCyclePlateau, ({ peak, divFactor }) => ({ from: peak / divFactor, to: peak / divFactor / 1e4 })),
  ...cycles("slantedCycle", longCycle, slantedCycle, ({ peak, steps: n, divFactor }) => ({ from: peak / divFactor, to: peak / divFactor, corners: [[0, peak / divFactor], [Math.floor(n / 8), peak], [n, peak / divFactor]] })),
  {
    name: "cyclic, shrinking",
    built: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 1, max: 10, noNaN: true }), steps, fc.constantFrom("triangular2" as const, "expRange" as const), gamma).map(([base, peak, stepsUp, mode, g]) => ({ schedule: cyclic({ base, peak, stepsUp, mode, gamma: g }).lr, steps: Infinity, from: base, peak, course: "waves" })),
  },
  { name: "cyclic's momentum", built: fc.tuple(steps, steps).map(([stepsUp, stepsDown]) => ({ schedule: cyclic({ base: 0, peak: 1, stepsUp, stepsDown }).momentum, steps: Infinity, from: 0.9, peak: 0.9, course: "waves" })) },
  {
    name: "cyclic without shrinking",
    built: fc.tuple(value, value, steps, steps).map(([a, b, stepsUp, stepsDown]) => {
      const [base, peak] = [Math.min(a, b), Math.max(a, b)];
      const until = 3 * (stepsUp + stepsDown);
      return { schedule: cyclic({ base, peak, stepsUp, stepsDown }).lr, steps: Infinity, from: base, peak, course: "waves", area: { until, sum: (until * (base + peak)) / 2 } };
    }),
  },
  {
    name: "phases that meet",
    built: fc.tuple(value, value, value, steps, steps).map(([a, b, c, n, m]) => {
      const { lr } = phases([{ steps: n, lr: [a, b] }, { steps: m, lr: { start: b, end: c, curve: "cosine" } }]);
      return { schedule: lr, steps: n + m, from: a, to: c, peak: Math.max(a, b, c), course: "waves", area: { until: n + m, sum: (n * (a + b) + m * (b + c)) / 2 } };
    }),
  },
  {
    name: "phases that jump",
    built: fc.tuple(value, value, value, steps, steps).map(([a, b, c, n, m]) => {
      const { lr } = phases([{ steps: n, lr: { start: a, end: b, curve: "exponential" } }, { steps: m, lr: { start: c, curve: "polynomial", power: 2 } }]);
      return { schedule: lr, steps: n + m, from: a, to: 0, peak: Math.max(a, b, c), course: "waves", jumps: true };
    }),
  },
  {
    name: "piecewise",
    built: fc.tuple(value, value, value, fc.double({ min: 1, max: 100, noNaN: true }), fc.double({ min: 1, max: 100, noNaN: true })).map(([a, b, c, first, second]) => ({
      schedule: piecewise([{ until: first, start: a, end: b }, { until: first + second, start: b, end: c }]), steps: Math.ceil(first + second), from: a, to: c, peak: Math.max(a, b, c), course: "waves",
    })),
  },
  {
    name: "join",
    built: fc.tuple(value, value, steps, steps).map(([a, b, n, m]) => ({ schedule: join([linear({ start: 0, end: a, steps: n }), a, linear({ start: a, end: b, steps: m })], [n, n + 5]), steps: n + 5 + m, from: 0, to: b, peak: Math.max(a, b), course: "waves" })),
  },
  { name: "warmUp", built: fc.tuple(value, steps, steps).map(([peak, n, m]) => ({ schedule: warmUp(cosine({ start: peak, steps: m }), { steps: n }), steps: n + m, from: 0, to: 0, peak, course: "hill", area: { until: n + m, sum: (peak * (n + m)) / 2 } })) },
  { name: "multiply", built: fc.tuple(value, value, steps).map(([a, b, n]) => line(multiply(linear({ start: a, end: a / 2, steps: n }), cosine({ start: b, steps: n })), n, a * b, 0)) },
  { name: "clamp", built: fc.tuple(value, steps).map(([v, n]) => line(clamp(linear({ start: 2 * v, end: 0, steps: n }), { min: v / 2, max: v }), n, v, v / 2)) },
];

describe.each(SCHEDULES)("$name", ({ built }) => {
  it("is finite, not negative and at most its peak for every t >= 0, whole or not, far after the end too", () => {
    fc.assert(
      fc.property(built, fc.oneof(fc.nat(1000), fc.double({ min: 0, max: 1000, noNaN: true }), fc.constantFrom(1e6, 1e9, 2 ** 53)), ({ schedule, peak }, t) => {
        expect(schedule(t)).toBeGreaterThanOrEqual(0);
        expect(schedule(t)).toBeLessThanOrEqual(peak * (1 + 1e-12));
      }),
    );
  });

  it("begins and ends where its options say", () => {
    fc.assert(
      fc.property(built, ({ schedule, steps, from, to, peak }) => {
        // 1e-12 of the peak: the last value is a difference of values of the peak's size.
        if (from !== undefined) expect(Math.abs(schedule(0) - from)).toBeLessThanOrEqual(1e-12 * peak);
        if (to !== undefined && steps < Infinity) expect(Math.abs(schedule(steps) - to)).toBeLessThanOrEqual(1e-12 * peak);
      }),
    );
  });

  it("holds its last value after its end, if it ends", () => {
    fc.assert(
      fc.property(built, fc.nat(10_000), ({ schedule, steps }, later) => {
        if (steps < Infinity) expect(schedule(steps + later)).toBe(schedule(steps + 1e6));
      }),
    );
  });

  it("moves in one direction, or turns once, unless it goes in waves", () => {
    fc.assert(
      fc.property(built, ({ schedule, steps, peak, course }) => {
        if (course === "waves") return;
        const all = Array.from({ length: Math.min(steps, 500) + 2 }, (_, t) => schedule(t));
        const moves = all.slice(1).map((v, i) => v - all[i]).filter((move) => Math.abs(move) > 1e-12 * peak).map(Math.sign);
        const turns = moves.slice(1).filter((move, i) => move !== moves[i]).length;
        expect(turns).toBeLessThanOrEqual(course === "hill" || course === "valley" ? 1 : 0);
        if (course === "down" || (course === "valley" && turns === 1)) expect(moves[0] ?? -1).toBe(-1);
        if (course === "up" || (course === "hill" && turns === 1)) expect(moves[0] ?? 1).toBe(1);
      }),
    );
  });

  it("covers the area that its corners enclose", () => {
    fc.assert(
      fc.property(built, ({ schedule, area, peak }) => {
        if (area === undefined) return;
        const sum = Array.from({ length: area.until }, (_, t) => schedule(t + 0.5)).reduce((a, b) => a + b, 0);
        // Sums of up to 3000 values, each with rounding of the peak's size.
        expect(Math.abs(sum - area.sum)).toBeLessThanOrEqual(1e-12 * area.until * peak);
      }),
    );
  });

  it("has no jumps, unless it says so", () => {
    fc.assert(
      fc.property(built, fc.nat(600), ({ schedule, jumps, peak }, t) => {
        if (jumps) return;
        // Forty times the half of [t, t + 1] that moves more: a jump in it would be found and stay as large as it is. Of a
        // curve, even one that begins as steeply as a square root, less than a thousandth of the peak is left.
        let [low, high] = [t, t + 1];
        for (let i = 0; i < 40; i++) {
          const middle = (low + high) / 2;
          if (Math.abs(schedule(middle) - schedule(low)) > Math.abs(schedule(high) - schedule(middle))) high = middle;
          else low = middle;
        }
        expect(Math.abs(schedule(high) - schedule(low))).toBeLessThanOrEqual(1e-3 * peak);
      }),
    );
  });

  it("depends on t alone, not on the order of calls", () => {
    fc.assert(
      fc.property(built, fc.array(fc.nat(600), { maxLength: 20 }), ({ schedule }, times) => {
        const forward = times.map(schedule);
        const backward = times.toReversed().map(schedule).toReversed();
        expect(backward).toEqual(forward);
      }),
    );
  });

  it("has a name that says what it is", () => {
    fc.assert(fc.property(built, ({ schedule }) => {
      expect(schedule.name).toMatch(/^[a-zA-Z]+\(.*\)(\.lr|\.momentum)?$/);
    }), { numRuns: 5 });
  });
});
