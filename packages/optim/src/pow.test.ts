import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pow } from "./pow.ts";

describe("pow", () => {
  it("is x ** y within 1e-15 (1 + |y log x|): a few roundings of log, product and exp", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e3, noNaN: true }), fc.oneof(fc.integer({ min: -80, max: 80 }).map((n) => n / 2), fc.double({ min: -20, max: 20, noNaN: true })), (x, y) => {
        const expected = x ** y;
        expect(Math.abs(pow(x, y) / expected - 1)).toBeLessThanOrEqual(1e-15 * (1 + Math.abs(y * Math.log(x)) + Math.abs(y)));
      }),
    );
  });

  it("is exact where products are, and at the ends of schedules", () => {
    expect([pow(2, 10), pow(0.5, 3), pow(3, -1), pow(7, 1), pow(1, 0.3), pow(100, 0.5), pow(4, -1.5)]).toEqual([1024, 0.125, 1 / 3, 7, 1, 10, 0.125]);
    expect([pow(0, 0), pow(0, 2), pow(0, 0.9), pow(5, 0), pow(0, -1)]).toEqual([1, 0, 0, 1, Infinity]);
  });
});
