import { describe, expect, it } from "vitest";
import { accuracyAxis, linearAxis, linearTicks, logAxis, logTicks, stepAxis, tickLabel } from "./axes.ts";
import { lineChart, type Series } from "./lineChart.ts";
import { armStyle } from "./lineStyle.ts";

const series = (name: string, ys: readonly number[]): Series => ({ name, style: armStyle(0), points: ys.map((y, x) => ({ x, y })) });
const remarks = (lines: readonly Series[], y = logAxis("y", [1, 100])): readonly string[] => lineChart({ label: "l", series: lines, x: stepAxis(3), y }).remarks;

describe("axes", () => {
  it("the ticks of steps are whole, also for a run of two steps", () => {
    for (const last of [1, 2, 3, 7, 50, 141, 4690]) for (const tick of stepAxis(last).ticks) expect(Number.isInteger(tick), `${tick} of ${last}`).toBe(true);
  });

  it("labels count no zeros, however large a loss", () => {
    expect([0.01, 1e-5, 141, 1e10, 1.23e25, 0].map(tickLabel)).toEqual(["0.01", "1e-5", "141", "1e10", "1.23e25", "0"]);
  });

  it("have two to as many ticks as asked for, inside the domain", () => {
    for (const [low, high] of [[1, 2], [0.9, 1.1], [1e-9, 1e9], [1, 1e25], [0.3, 40]] as const) {
      const ticks = logTicks(low, high, 6);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(7);
      expect(Math.min(...ticks) >= low * 0.999 && Math.max(...ticks) <= high * 1.001).toBe(true);
    }
    expect(linearTicks(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(linearAxis("m", [0.85, 0.95]).domain[0]).toBeGreaterThan(0.8);
    expect(accuracyAxis("a", [0.9, 0.001]).ticks.length).toBeGreaterThan(3);
  });
});

describe("a chart of lines", () => {
  it("says which lines coincide, and only those", () => {
    expect(remarks([series("A", [1, 10, 100]), series("B", [1, 10, 100]), series("C", [100, 10, 1])])).toEqual(["Alike, one line: A and B."]);
    expect(remarks([series("A", [1, 10, 100]), series("B", [1, 20, 100])])).toEqual([]);
    expect(remarks(["A", "B", "C"].map((name) => series(name, [1, NaN, 100])))).toEqual(["All alike, one line."]);
  });

  it("names how far a line goes beyond the upper edge", () => {
    expect(remarks([series("A", [1, 10, 1e25]), series("B", [1, 2, 3])])).toEqual(["A rises to 1e25, beyond the upper edge."]);
  });

  it("56 arms all differ in colour or dashes", () => {
    expect(new Set(Array.from({ length: 56 }, (_, i) => JSON.stringify(armStyle(i)))).size).toBe(56);
  });
});
