import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conformance } from "../../conformance.ts";
import { concat, flip, slice, sliceOp, split, tensor, unsliceOp } from "../../index.ts";

const counting = (shape: number[], dtype: "f32" | "i32" | "bool" = "f32") => tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (dtype === "bool" ? i % 2 : i)), { shape, dtype });
const numbers = (t: { toArray(): ArrayLike<number> }) => Array.from(t.toArray());

/** What Python gives for list(range(n))[start:end:step], written from its definition in the language reference. */
function pythonRange(n: number, start: number, end: number, step: number): number[] {
  const place = (i: number): number => (i < 0 ? i + n : i);
  const out: number[] = [];
  const first = step > 0 ? Math.max(place(start), 0) : Math.min(place(start), n - 1);
  for (let i = first; step > 0 ? i < Math.min(place(end), n) : i > Math.max(place(end), -1); i += step) out.push(i);
  return out;
}

describe("slice", () => {
  it("slice and unslice are complete: steps of both signs, nothing taken, no axes, axes of no entries", () => {
    const cases = [
      { shape: [5], starts: [1], steps: [2], counts: [2] },
      { shape: [3, 4], starts: [2, 0], steps: [-1, 3], counts: [3, 2] },
      { shape: [2, 3, 2], starts: [0, 1, 1], steps: [1, 1, -1], counts: [2, 1, 2] },
      { shape: [3], starts: [0], steps: [1], counts: [0] },
      { shape: [0, 2], starts: [0, 0], steps: [1, 1], counts: [0, 1] },
      { shape: [], starts: [], steps: [], counts: [] },
    ];
    conformance(sliceOp, cases.map(({ shape, ...attrs }) => ({ inputs: [{ shape }], attrs })));
    conformance(unsliceOp, cases.map((attrs) => ({ inputs: [{ shape: attrs.counts }], attrs })));
  });

  it("takes what Python takes", () => {
    const place = fc.integer({ min: -9, max: 9 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), place, place, fc.integer({ min: -3, max: 3 }).filter((step) => step !== 0), (n, start, end, step) => {
        expect(numbers(slice(counting([n]), { starts: [start], ends: [end], steps: [step] }))).toEqual(pythonRange(n, start, end, step));
        const inside = slice(counting([2, n, 2]), { starts: [start], ends: [end], steps: [step], axes: [-2] });
        expect(numbers(inside)).toEqual([0, 1].flatMap((o) => pythonRange(n, start, end, step).flatMap((i) => [0, 1].map((k) => (o * n + i) * 2 + k))));
      }),
    );
  });

  it("shares the numbers of whole rows, and copies otherwise; infinite bounds mean all", () => {
    const x = counting([4, 2]);
    expect(slice(x, { starts: [1], ends: [-1] }).storage).toBe(x.storage);
    expect(numbers(slice(x, { starts: [1], ends: [-1] }))).toEqual([2, 3, 4, 5]);
    expect(slice(x, { starts: [0], ends: [Infinity], axes: [1], steps: [2] }).storage).not.toBe(x.storage);
    expect(numbers(slice(x, { starts: [Infinity, 0], ends: [-Infinity, 1], steps: [-1, 1] }))).toEqual([6, 4, 2, 0]);
  });

  it("keeps whole numbers and truth values", () => {
    expect(slice(counting([2, 3], "i32"), { starts: [1], ends: [3], axes: [1] })).toMatchObject({ dtype: "i32", shape: [2, 2] });
    expect(flip(counting([3], "bool"))).toMatchObject({ dtype: "bool" });
  });

  it("refuses a step of 0, fractions, and axes twice", () => {
    const x = counting([3, 4]);
    expect(() => slice(x, { starts: [0], ends: [1], steps: [0] })).toThrow("slice: the step is 0. It must be a whole number other than 0.");
    expect(() => slice(x, { starts: [0.5], ends: [1] })).toThrow("slice: the range runs from 0.5 to 1. Both must be whole numbers.");
    expect(() => slice(x, { starts: [0], ends: [NaN] })).toThrow("slice: the range runs from 0 to NaN.");
    expect(() => slice(x, { starts: [0, 0], ends: [1, 1], axes: [0, -2] })).toThrow("slice: axes [0, -2] name the same axis twice.");
    expect(() => slice(x, { starts: [0], ends: [1, 2] })).toThrow("slice: 1 starts, 2 ends, 1 axes and 1 steps. It needs as many of each.");
    expect(() => slice(x, { starts: [0], ends: [1], axes: [2] })).toThrow("slice: axis 2 of a tensor with 2 axes.");
  });
});

describe("flip", () => {
  it("reverses the named axes, or all; twice is nothing", () => {
    const x = counting([2, 3]);
    expect(numbers(flip(x))).toEqual([5, 4, 3, 2, 1, 0]);
    expect(numbers(flip(x, { axes: -1 }))).toEqual([2, 1, 0, 5, 4, 3]);
    expect(numbers(flip(flip(x, { axes: [0] }), { axes: [0] }))).toEqual(numbers(x));
    expect(flip(counting([0, 3])).shape).toEqual([0, 3]);
    expect(flip(tensor(3)).item()).toBe(3);
  });
});

describe("split", () => {
  it("is undone by concat, for any sizes along any axis", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }), fc.integer({ min: -3, max: 2 }), (sizes, axis) => {
        const shape = [2, 3, 2];
        shape.splice(axis < 0 ? axis + 3 : axis, 1, sizes.reduce((a, b) => a + b, 0));
        const x = counting(shape);
        const parts = split(x, { sizes, axis });
        expect(parts.map((part) => part.shape.at(axis))).toEqual(sizes);
        expect(numbers(concat(parts, { axis }))).toEqual(numbers(x));
      }),
    );
  });

  it("refuses sizes that do not add up", () => {
    expect(() => split(counting([4]), { sizes: [1, 2] })).toThrow("split: sizes [1, 2] along axis 0 of [4]. They must be whole numbers >= 0 that add up to 4.");
    expect(() => split(counting([4]), { sizes: [5, -1] })).toThrow("split: sizes [5, -1]");
  });
});
