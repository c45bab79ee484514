import { Rng } from "@llr/tensor";
import { describe, expect, it } from "vitest";
import { gaussianBlobs } from "./gaussianBlobs.ts";
import type { PointSet } from "./pointSet.ts";
import { spirals } from "./spirals.ts";

const pointsOf = ({ points: { shape, data } }: PointSet): number[][] => Array.from({ length: shape[0] }, (_, i) => [...data.subarray(i * shape[1], (i + 1) * shape[1])]);
const distance = (a: number[], b: number[]): number => Math.hypot(...a.map((x, i) => x - b[i]));

/** The share of test points whose nearest training point has their label. */
function nearestNeighbourAccuracy(train: PointSet, test: PointSet): number {
  const known = pointsOf(train);
  const right = pointsOf(test).filter((point, i) => {
    const distances = known.map((other) => distance(point, other));
    return train.labels.data[distances.indexOf(Math.min(...distances))] === test.labels.data[i];
  });
  return right.length / test.labels.data.length;
}

/** The accuracy of the best line through the origin: a bound on what a linear classifier without bias can do. */
function bestLineAccuracy(set: PointSet): number {
  const points = pointsOf(set);
  const shares = Array.from({ length: 180 }, (_, degree) => {
    const [a, b] = [Math.cos((degree * Math.PI) / 90), Math.sin((degree * Math.PI) / 90)];
    return points.filter(([x, y], i) => Number(a * x + b * y > 0) === set.labels.data[i]).length / points.length;
  });
  return Math.max(...shares);
}

describe("spirals", () => {
  it("are told apart by their neighbours and not by a line", () => {
    const train = spirals({ count: 400, rng: new Rng(1) });
    expect(nearestNeighbourAccuracy(train, spirals({ count: 200, rng: new Rng(2) }))).toBeGreaterThan(0.97);
    expect(bestLineAccuracy(train)).toBeLessThan(0.75);
  });

  it("without noise lie on the curve of the doc comment", () => {
    const { points, labels } = spirals({ count: 90, classes: 3, turns: 0.5, noise: 0, rng: new Rng(3) });
    for (let i = 0; i < 90; i++) {
      const [x, y] = points.data.subarray(2 * i, 2 * i + 2);
      const r = Math.hypot(x, y);
      const angle = 2 * Math.PI * (0.5 * r + labels.data[i] / 3);
      // 1e-6: coordinates are float32.
      expect(distance([x, y], [r * Math.cos(angle), r * Math.sin(angle)])).toBeLessThan(1e-6);
      expect(r).toBeGreaterThan(0.0999);
    }
  });
});

describe("gaussianBlobs", () => {
  it("are centred and spread as asked", () => {
    const { points } = gaussianBlobs({ count: 20_000, classes: 1, dimensions: 3, spread: 0.5, rng: new Rng(1) });
    const centre = new Float64Array(3);
    new Rng(1).stream("centre/0").fillNormal(centre);
    for (let axis = 0; axis < 3; axis++) {
      const values = points.data.filter((_, i) => i % 3 === axis);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      // Four standard errors from 20,000 points.
      expect(Math.abs(mean - centre[axis])).toBeLessThan((4 * 0.5) / Math.sqrt(20_000));
      expect(Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length)).toBeCloseTo(0.5, 1);
    }
  });

  it("made twice from one generator share their centres and no point", () => {
    const rng = new Rng(6);
    const train = gaussianBlobs({ count: 100, classes: 4, spread: 0.01, rng });
    const test = gaussianBlobs({ count: 100, classes: 4, spread: 0.01, rng });
    expect(nearestNeighbourAccuracy(train, test)).toBe(1);
    expect(test.points.data).not.toEqual(train.points.data);
  });
});

describe("both", () => {
  it.each([0, -1, 1.5, Number.NaN, Infinity])("refuse %d points or classes", (n) => {
    expect(() => spirals({ count: n, rng: new Rng(0) })).toThrow(`spirals: count is ${n}. It must be a positive integer.`);
    expect(() => gaussianBlobs({ count: 3, classes: n, rng: new Rng(0) })).toThrow(`gaussianBlobs: classes is ${n}`);
    expect(() => gaussianBlobs({ count: 3, dimensions: n, rng: new Rng(0) })).toThrow(`gaussianBlobs: dimensions is ${n}`);
  });
});
