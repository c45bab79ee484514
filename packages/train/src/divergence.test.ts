import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rng } from "@llr/tensor";
import { type DivergenceOptions, divergenceDetector, labelEntropy, VERDICT_WORDS, VERDICTS } from "./index.ts";

function verdictOf(losses: readonly number[], options: DivergenceOptions = {}, gradNorms: readonly number[] = []) {
  const detector = divergenceDetector(options);
  const diverging = losses.map((loss, t) => detector.observe(loss, gradNorms[t]));
  return { verdict: detector.verdict(), diverging, smoothed: detector.smoothed };
}

const times = (count: number, loss: number | ((t: number) => number)): number[] => Array.from({ length: count }, (_, t) => (typeof loss === "number" ? loss : loss(t)));
const TEN_CLASSES = { priorLoss: Math.log(10) };

describe("the divergence detector", () => {
  it("calls a falling loss stable, whatever its scale", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (scale) => {
        expect(verdictOf(times(100, (t) => scale * Math.exp(-t / 30))).verdict).toBe("stable");
      }),
    );
  });

  it("tells a spike that came back from a divergence that stayed", () => {
    const learned = times(100, 0.1);
    expect(verdictOf([2, ...learned, ...times(15, 5), ...times(300, 0.1)]).verdict).toBe("spike");
    expect(verdictOf([2, ...learned, ...times(300, 50)]).verdict).toBe("diverged");
  });

  it("a spike of any height is over when the loss is back, long before the average is", () => {
    expect(verdictOf([2, ...times(100, 0.1), 1e11, ...times(60, 0.1)])).toMatchObject({ verdict: "spike" });
    expect(verdictOf([2, ...times(100, 0.1), 1e11, ...times(60, 0.1)]).diverging).not.toContain(true);
  });

  it("a rise that had no time to come back is no spike", () => {
    const learned = [2, ...times(200, 0.1)];
    for (const steps of [1, 4, 9]) expect(verdictOf([...learned, ...times(steps, (t) => 10 ** (11 - steps + 1 + t))]).verdict, `${steps} steps`).toBe("diverged");
  });

  it("a run that exploded and ends where it began has diverged, though its loss fell again; known to be that of the prior, it collapsed", () => {
    const learned = times(60, (t) => 2.3 * Math.exp(-t / 20));
    const losses = [...learned, ...times(20, 40), ...times(400, 2.41)]; // LARS at three times its rate ended so on MNIST
    expect(verdictOf(losses).verdict).toBe("diverged");
    expect(verdictOf(losses, TEN_CLASSES).verdict).toBe("collapsed");
    expect(verdictOf([...learned, ...times(400, 40)], TEN_CLASSES).verdict).toBe("diverged");
  });

  it("says so while it happens", () => {
    const { diverging } = verdictOf([...times(50, 1), ...times(200, 1e3)]);
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

  it("a loss that falls below 0 is high above its first value only", () => {
    const rng = new Rng(1);
    for (const noise of [0, 0.3]) {
      const falling = times(300, (t) => 2 - (6 * t) / 299 + noise * rng.normal());
      expect(verdictOf(falling)).toMatchObject({ verdict: "stable" });
      expect(verdictOf(falling).diverging).not.toContain(true);
    }
    expect(verdictOf([...times(100, (t) => -1 - t / 50), ...times(100, 5)]).verdict).toBe("diverged");
  });

  it("multiples of almost nothing are no rise", () => {
    expect(verdictOf([...times(100, 1e-9), ...times(100, 1e-6)]).verdict).toBe("stable");
    expect(verdictOf([2, ...times(300, (t) => Math.exp(-t / 10)), ...times(100, 1e-6)]).verdict).toBe("stable");
    expect(verdictOf([...times(300, 1e-9), ...times(20, 0.002), ...times(50, 1e-9)], TEN_CLASSES).verdict).toBe("stable");
    expect(verdictOf([...times(300, 1e-9), ...times(20, 0.2), ...times(50, 1e-9)], TEN_CLASSES).verdict).toBe("spike");
  });

  it("a run of no more steps than the warm-up is too short to judge, unless it ended far above its beginning", () => {
    expect(divergenceDetector().verdict()).toBe("tooShort");
    for (const losses of [[2.3], times(10, 2.3), times(10, (t) => 2.3 / (t + 1))]) expect(verdictOf(losses, TEN_CLASSES).verdict).toBe("tooShort");
    expect(verdictOf([2, 1e3, 1e6, 1e9, 2e12]).verdict).toBe("diverged");
    expect(verdictOf(times(5, 2), { warmup: 4 }).verdict).toBe("stable");
  });

  it.each<[string, DivergenceOptions, string]>([
    ["a weight of the past that never forgets", { smoothing: 1 }, "smoothing is 1"], ["a factor that nothing exceeds", { factor: NaN }, "factor is NaN"], ["a factor of 1", { factor: 1 }, "factor is 1"],
    ["no patience", { patience: 0 }, "patience is 0"], ["an option that it does not have", { smooting: 0.5 } as object, "smooting is not an option"],
    ["half a step", { warmup: 0.5 }, "warmup is 0.5"], ["a prior that is certain", { priorLoss: 0 }, "priorLoss is 0"],
  ])("refuses %s", (_, options, message) => {
    expect(() => divergenceDetector(options)).toThrow(expect.objectContaining({ code: "LLR_ARGUMENT", message: expect.stringContaining(message) as string }) as Error);
  });
});

describe("a dead run", () => {
  /** Losses of a model that answers every image with shares near those of ten equal classes, in batches. */
  const dead = (seed: number, steps: number, batch: number): number[] => {
    const rng = new Rng(seed);
    return times(steps, () => {
      const biases = times(10, () => 0.2 * rng.normal());
      const logSum = Math.log(biases.reduce((sum, b) => sum + Math.exp(b), 0));
      return times(batch, () => logSum - biases[rng.integer(10)]).reduce((a, b) => a + b, 0) / batch;
    });
  };

  it("never learned if its loss was at no time below the class prior's, whatever the batches hold", () => {
    for (let seed = 1; seed <= 50; seed++) for (const batch of [16, 64]) expect(verdictOf(dead(seed, 300, batch), TEN_CLASSES).verdict, `seed ${seed}, batch ${batch}`).toBe("neverLearned");
    expect(verdictOf(times(100, (t) => 150 - t), TEN_CLASSES).verdict).toBe("neverLearned"); // falls from far above, and has not yet arrived
  });

  it("collapsed if its loss had fallen and is back, also right before the end", () => {
    const learned = times(200, (t) => 2.3 * Math.exp(-t / 50));
    for (const steps of [30, 300]) expect(verdictOf([...learned, ...dead(1, steps, 64)], TEN_CLASSES).verdict).toBe("collapsed");
  });

  it("is not one that has learned a little, nor one that learned after a bad start", () => {
    expect(verdictOf(times(100, (t) => 2.3 - t / 500), TEN_CLASSES).verdict).toBe("stable");
    expect(verdictOf([...times(50, 148), ...times(60, (t) => 3 / (t + 1))], TEN_CLASSES).verdict).toBe("stable");
  });

  it("is known by gradients that are all 0, also without the loss of a prior; a loss that is 0 needs none", () => {
    const still = times(30, (t) => (t < 15 ? 1 : 0));
    expect(verdictOf([...times(15, (t) => 2 / (t + 1)), ...times(15, 1)], {}, still).verdict).toBe("collapsed");
    expect(verdictOf(times(30, 2), {}, times(30, 0)).verdict).toBe("neverLearned");
    expect(verdictOf(times(30, (t) => (t < 15 ? 2 / (t + 1) : 0)), {}, still).verdict).toBe("stable");
    expect(verdictOf(times(30, (t) => 2 / (t + 1)), {}, times(30, (t) => (t < 21 ? 1 : 0))).verdict).toBe("stable"); // nine steps
  });
});

describe("the loss of the class prior", () => {
  it("is the mean cross-entropy of the classes' shares over the labels themselves", () => {
    const labels = [0, 2, 2, 2, 1, 7, 7, 0];
    const share = (c: number) => labels.filter((label) => label === c).length / labels.length;
    expect(labelEntropy(labels)).toBeCloseTo(labels.reduce((sum, c) => sum - Math.log(share(c)), 0) / labels.length, 12);
    expect(Object.is(labelEntropy(Uint8Array.of(3, 3)), 0)).toBe(true);
  });

  it("refuses no labels and labels that are no class numbers", () => {
    expect(() => labelEntropy([])).toThrow("there are no labels");
    expect(() => labelEntropy([0, -1])).toThrow("label 1 is -1");
  });
});

it("every verdict has words, no two the same", () => {
  expect(Object.keys(VERDICT_WORDS).sort()).toEqual([...VERDICTS].sort());
  expect(new Set(VERDICTS.map((v) => VERDICT_WORDS[v].label)).size).toBe(VERDICTS.length);
});
