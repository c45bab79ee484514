import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { suggestRates } from "./suggestRates.ts";

const curve = fc.array(fc.oneof(fc.double({ min: 0, max: 10, noNaN: true }), fc.integer({ min: 0, max: 4 })), { minLength: 3, maxLength: 30 });
const rates = (count: number): number[] => Array.from({ length: count }, (_, i) => 1e-7 * 1.2 ** i);
/** Where a suggested rate stands in the list. */
const place = (lrs: readonly number[], lr: number): number => lrs.findIndex((x) => Math.abs(x - lr) <= 1e-12 * x);

describe("suggestRates", () => {
  it("finds bottom and steepest descent of a smooth curve", () => {
    const lrs = Array.from({ length: 81 }, (_, i) => 10 ** (-6 + i / 10));
    // In x = log10 lr: flat, down along a logistic curve about −3, up from 0 on.
    const losses = lrs.map((lr) => 1 - 1 / (1 + Math.exp(-4 * (Math.log10(lr) + 3))) + (Math.log10(lr) > 0 ? Math.log10(lr) ** 2 : 0));
    const { steep, minimum } = suggestRates({ lrs, losses });
    expect(Math.abs(Math.log10(steep) + 3)).toBeLessThanOrEqual(0.1);
    expect(minimum).toBeCloseTo(0.1, 10);
  });

  it("steep weighs each fall by the width of its interval in log lr, and takes the earliest of equals", () => {
    // Twice the fall over three times the width is the lesser slope.
    expect(suggestRates({ lrs: [1e-4, 1e-3, 1e-2, 10, 100], losses: [5, 5, 4, 2, 3] }).steep).toBe(1e-3);
    expect(suggestRates({ lrs: [1e-4, 1e-3, 1e-2, 1e-1], losses: [5, 4, 4, 3] }).steep).toBe(1e-4);
  });

  it("minimum may be at the very first point, and is the earliest of equals", () => {
    expect(suggestRates({ lrs: [1, 2, 4], losses: [1, 3, 2] }).minimum).toBeCloseTo(0.1, 12);
    expect(suggestRates({ lrs: [1, 2, 4], losses: [3, 1, 1] }).minimum).toBeCloseTo(0.2, 12);
  });

  it("valley counts back half the length of the longest falling subsequence from its end", () => {
    // 9 8 . 7 6 . 5 4 falls for six points and ends at index 7: 7 − 6 + 2 + 1.
    const losses = [9, 8, 9.5, 7, 6, 9.6, 5, 4, 9, 8];
    expect(place(rates(10), suggestRates({ lrs: rates(10), losses }).valley)).toBe(4);
    // Falling throughout: from one before the first.
    expect(place(rates(9), suggestRates({ lrs: rates(9), losses: [9, 8, 7, 6, 5, 4, 3, 2, 1] }).valley)).toBe(3);
    // Never falling: the first.
    expect(place(rates(4), suggestRates({ lrs: rates(4), losses: [1, 1, 2, 3] }).valley)).toBe(0);
    // A fall from the first point to the second, and no other: the first, too.
    expect(place(rates(4), suggestRates({ lrs: rates(4), losses: [2, 1, 2, 3] }).valley)).toBe(0);
  });

  it("every suggestion is a rate of the curve (the minimum's a tenth of one), and none depends on the scale of the loss", () => {
    fc.assert(
      fc.property(curve, (losses) => {
        const lrs = rates(losses.length);
        const suggested = suggestRates({ lrs, losses });
        for (const lr of [suggested.valley, suggested.steep, 10 * suggested.minimum]) expect(place(lrs, lr)).toBeGreaterThanOrEqual(0);
        expect(losses[place(lrs, 10 * suggested.minimum)]).toBe(Math.min(...losses));
        // Exact in floating point: powers of two.
        expect(suggestRates({ lrs, losses: losses.map((loss) => 4 * loss) })).toEqual(suggested);
      }),
    );
  });

  it("looks at nothing from the first loss on that is not finite", () => {
    const losses = [5, 4, 3, 2.5, 2.4];
    const expected = suggestRates({ lrs: rates(5), losses });
    for (const broken of [NaN, Infinity]) expect(suggestRates({ lrs: rates(8), losses: [...losses, broken, 0, -100] })).toEqual(expected);
  });

  it("refuses curves that are no curve", () => {
    expect(() => suggestRates({ lrs: [1, 2], losses: [1] })).toThrow("suggestRates: there are 2 rates and 1 losses. It needs one loss for each rate.");
    expect(() => suggestRates({ lrs: [1, 2, 3, 4], losses: [1, 2, NaN, 3] })).toThrow("suggestRates: there are 2 points before the first loss that is not finite. It needs at least 3: begin the range test at a smaller rate.");
    expect(() => suggestRates({ lrs: [1, 3, 2], losses: [3, 2, 1] })).toThrow("suggestRates: the rate at position 2 is 2. It needs finite rates that grow from above 0.");
    expect(() => suggestRates({ lrs: [0, 1, 2], losses: [3, 2, 1] })).toThrow("the rate at position 0 is 0.");
  });
});
