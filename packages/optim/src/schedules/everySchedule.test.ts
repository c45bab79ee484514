// Properties that every schedule has, tested from one list: adding a schedule means adding a line to it.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { linear } from "./linear.ts";
import { oneCycle } from "./oneCycle.ts";
import { polynomial } from "./polynomial.ts";
import { slantedTriangular } from "./slantedTriangular.ts";
import type { Schedule } from "../hyper.ts";

const value = fc.double({ min: 1e-6, max: 10, noNaN: true });
const steps = fc.integer({ min: 1, max: 500 });

interface Built {
  readonly schedule: Schedule;
  readonly steps: number;
  readonly from: number;
  readonly to: number;
  /** Largest value that the options allow. */
  readonly peak: number;
  /** "down" and "up" never turn; "hill" goes up once and then down once. */
  readonly course: "down" | "up" | "hill" | "valley";
}
const line = (schedule: Schedule, steps: number, from: number, to: number): Built => ({ schedule, steps, from, to, peak: Math.max(from, to), course: from > to ? "down" : "up" });

const cycle = fc.record({ peak: value, steps, pctStart: fc.double({ min: 0, max: 0.5, noNaN: true }), anneal: fc.constantFrom("cos" as const, "linear" as const), phases: fc.constantFrom(2 as const, 3 as const), divFactor: fc.double({ min: 1, max: 100, noNaN: true }) });

const SCHEDULES: readonly { name: string; built: fc.Arbitrary<Built> }[] = [
  { name: "constant", built: value.map((v) => line(constant(v), 1, v, v)) },
  { name: "linear", built: fc.tuple(value, value, steps).map(([start, end, n]) => line(linear({ start, end, steps: n }), n, start, end)) },
  { name: "cosine", built: fc.tuple(value, value, steps).map(([start, end, n]) => line(cosine({ start, end, steps: n }), n, start, end)) },
  {
    name: "polynomial",
    built: fc.tuple(value, value, steps, fc.double({ min: 0.1, max: 4, noNaN: true }), fc.nat(50)).map(([start, end, n, power, begin]) => line(polynomial({ start, end, steps: n, power, begin }), begin + n, start, end)),
  },
  {
    name: "slantedTriangular",
    built: fc.tuple(value, fc.integer({ min: 20, max: 500 }), fc.double({ min: 0.05, max: 0.9, noNaN: true }), fc.double({ min: 1, max: 100, noNaN: true })).map(([peak, n, cutFraction, ratio]) => ({
      schedule: slantedTriangular({ peak, steps: n, cutFraction, ratio }), steps: n, from: peak / ratio, to: Number.NaN, peak, course: "hill" as const,
    })),
  },
  { name: "oneCycle's rate", built: cycle.map((o) => ({ schedule: oneCycle(o).lr, steps: o.steps - 1, from: Number.NaN, to: o.peak / o.divFactor / 1e4, peak: o.peak, course: "hill" as const })) },
  { name: "oneCycle's momentum", built: cycle.map((o) => ({ schedule: oneCycle(o).momentum, steps: o.steps - 1, from: Number.NaN, to: 0.95, peak: 0.95, course: "valley" as const })) },
];

describe.each(SCHEDULES)("$name", ({ built }) => {
  it("is finite, not negative and at most its peak for every t >= 0, whole or not, far after the end too", () => {
    fc.assert(
      fc.property(built, fc.oneof(fc.nat(1000), fc.double({ min: 0, max: 1000, noNaN: true }), fc.constant(1e9)), ({ schedule, peak }, t) => {
        expect(schedule(t)).toBeGreaterThanOrEqual(0);
        expect(schedule(t)).toBeLessThanOrEqual(peak * (1 + 1e-12));
      }),
    );
  });

  it("begins and ends where its options say", () => {
    fc.assert(
      fc.property(built, ({ schedule, steps, from, to, peak }) => {
        // 1e-12 of the peak: the last value is a difference of values of the peak's size.
        if (!Number.isNaN(from)) expect(Math.abs(schedule(0) - from)).toBeLessThanOrEqual(1e-12 * peak);
        if (!Number.isNaN(to)) expect(Math.abs(schedule(steps) - to)).toBeLessThanOrEqual(1e-12 * peak);
      }),
    );
  });

  it("holds its last value after its end", () => {
    fc.assert(
      fc.property(built, fc.nat(10_000), ({ schedule, steps }, later) => {
        expect(schedule(Math.max(steps, 0) + later)).toBe(schedule(Math.max(steps, 0) + 1e6));
      }),
    );
  });

  it("moves in one direction, or turns once", () => {
    fc.assert(
      fc.property(built, ({ schedule, steps, peak, course }) => {
        const all = Array.from({ length: steps + 2 }, (_, t) => schedule(t));
        const moves = all.slice(1).map((v, i) => v - all[i]).filter((move) => Math.abs(move) > 1e-12 * peak).map(Math.sign);
        const turns = moves.slice(1).filter((move, i) => move !== moves[i]).length;
        expect(turns).toBeLessThanOrEqual(course === "hill" || course === "valley" ? 1 : 0);
        if (course === "down" || (course === "valley" && turns === 1)) expect(moves[0] ?? -1).toBe(-1);
        if (course === "up" || (course === "hill" && turns === 1)) expect(moves[0] ?? 1).toBe(1);
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
});
