import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divergenceDetector } from "./index.ts";

function verdictOf(losses: readonly number[]) {
  const detector = divergenceDetector();
  const diverging = losses.map((loss) => detector.observe(loss));
  return { verdict: detector.verdict(), diverging, smoothed: detector.smoothed };
}

describe("the divergence detector", () => {
  it("calls a falling loss stable, whatever its scale", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (scale) => {
        const losses = Array.from({ length: 100 }, (_, t) => scale * Math.exp(-t / 30));
        expect(verdictOf(losses).verdict).toBe("stable");
      }),
    );
  });

  it("tells a spike that came back from a divergence that stayed", () => {
    const learned = Array.from({ length: 100 }, () => 0.1);
    const burst = Array.from({ length: 15 }, () => 5);
    expect(verdictOf([2, ...learned, ...burst, ...Array.from({ length: 300 }, () => 0.1)]).verdict).toBe("spike");
    expect(verdictOf([2, ...learned, ...Array.from({ length: 300 }, () => 50)]).verdict).toBe("diverged");
  });

  it("a run that exploded and ends at chance level has diverged, though its loss fell again", () => {
    const learned = Array.from({ length: 60 }, (_, t) => 2.3 * Math.exp(-t / 20));
    const exploded = Array.from({ length: 20 }, () => 40);
    const chance = Array.from({ length: 400 }, () => 2.41); // LARS at three times its rate ended so on MNIST
    expect(verdictOf([...learned, ...exploded, ...chance]).verdict).toBe("diverged");
  });

  it("says so while it happens", () => {
    const { diverging } = verdictOf([...Array.from({ length: 50 }, () => 1), ...Array.from({ length: 200 }, () => 1e3)]);
    expect(diverging[49]).toBe(false);
    expect(diverging.at(-1)).toBe(true);
  });

  it("calls NaN and infinity by their name, for good", () => {
    for (const broken of [NaN, Infinity]) expect(verdictOf([1, broken, 0.1, 0.1])).toMatchObject({ verdict: "nonFinite", diverging: [false, true, true, true] });
  });

  it("averages with bias correction: a constant loss is its own average from the first step", () => {
    expect(verdictOf([3]).smoothed).toBeCloseTo(3, 12);
    expect(verdictOf([3, 3, 3]).smoothed).toBeCloseTo(3, 12);
    expect(divergenceDetector().smoothed).toBeNaN();
  });
});
