// Each schedule against the procedure of its source: most of them keep state and change a rate step by step, where ours are
// functions of t. 1e-12 of the peak is what the repeated rounding of those procedures leaves.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Schedule } from "../hyper.ts";
import { cosineAnnealing } from "./cosineAnnealing.ts";
import { cosine } from "./cosine.ts";
import { cyclic } from "./cyclic.ts";
import { exponential } from "./exponential.ts";
import { flatCosine } from "./flatCosine.ts";
import { join } from "./join.ts";
import { linear } from "./linear.ts";
import { multiStep } from "./multiStep.ts";
import { oneCycleFastai } from "./oneCycleFastai.ts";
import { oneCycleOptax } from "./oneCycleOptax.ts";
import { oneCycleSmith } from "./oneCycleSmith.ts";
import { phases } from "./phases.ts";
import { slantedCycle } from "./slantedCycle.ts";
import { stepDecay } from "./stepDecay.ts";
import { warmRestarts } from "./warmRestarts.ts";
import { warmUp } from "./warmUp.ts";

const rate = fc.double({ min: 1e-4, max: 2, noNaN: true });
const gamma = fc.double({ min: 0.05, max: 1, noNaN: true });
const length = fc.integer({ min: 1, max: 40 });

/** Compares a schedule with the values that a procedure yields for t = 0, 1, 2 ... */
function follows(schedule: Schedule, procedure: Iterable<number>, peak: number = 1): void {
  let t = 0;
  for (const value of procedure) expect(Math.abs(schedule(t++) - value)).toBeLessThanOrEqual(1e-12 * peak);
}

describe("PyTorch's chained schedulers", () => {
  /** After each step the rate becomes what the scheduler makes of the rate before. */
  function* chained(start: number, steps: number, next: (lr: number, epoch: number) => number): Generator<number> {
    let lr = start;
    for (let epoch = 1; epoch <= steps; epoch++) {
      yield lr;
      lr = next(lr, epoch);
    }
  }

  it("ExponentialLR multiplies the rate before", () => fc.assert(fc.property(rate, gamma, (start, g) => follows(exponential({ start, gamma: g }), chained(start, 60, (lr) => lr * g)))));

  it("StepLR multiplies every so many epochs", () =>
    fc.assert(fc.property(rate, gamma, length, (start, g, every) => follows(stepDecay({ start, gamma: g, steps: every }), chained(start, 100, (lr, epoch) => (epoch % every === 0 ? lr * g : lr))))));

  it("MultiStepLR multiplies as often as an epoch is listed, whatever the order of the list", () =>
    fc.assert(
      fc.property(rate, gamma, fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }), (start, g, milestones) =>
        follows(multiStep({ start, gamma: g, milestones }), chained(start, 80, (lr, epoch) => lr * g ** milestones.filter((m) => m === epoch).length))),
    ));

  it("CosineAnnealingLR goes from each rate to the next by a quotient of cosines, down and up again", () =>
    fc.assert(
      fc.property(rate, fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 2, max: 40 }), (start, share, half) => {
        const end = start * share;
        const height = (epoch: number): number => 1 + Math.cos((Math.PI * epoch) / half);
        const next = (lr: number, epoch: number): number =>
          (epoch - 1 - half) % (2 * half) === 0 ? lr + ((start - end) * (1 - Math.cos(Math.PI / half))) / 2 : (height(epoch) / height(epoch - 1)) * (lr - end) + end;
        follows(cosineAnnealing({ start, end, steps: half }), chained(start, 4 * half, next), start);
      }),
    ));

  it("CosineAnnealingWarmRestarts counts the epochs since the restart", () =>
    fc.assert(
      fc.property(rate, length, fc.integer({ min: 1, max: 3 }), (start, period, periodFactor) => {
        function* counting(): Generator<number> {
          let [since, current] = [0, period];
          for (let epoch = 0; epoch < 300; epoch++) {
            yield (start * (1 + Math.cos((Math.PI * since) / current))) / 2;
            since++;
            if (since === current) [since, current] = [0, current * periodFactor];
          }
        }
        follows(warmRestarts({ start, period, periodFactor }), counting());
      }),
    ));

  it("CyclicLR is a triangle wave: piecewise linear between feet and tops", () =>
    fc.assert(
      fc.property(length, length, fc.constantFrom("triangular" as const, "triangular2" as const, "expRange" as const), gamma, (stepsUp, stepsDown, mode, g) => {
        const { lr, momentum } = cyclic({ base: 0.1, peak: 0.9, stepsUp, stepsDown, mode, gamma: g });
        for (let t = 0; t < 300; t++) {
          const [cycle, into] = [Math.floor(t / (stepsUp + stepsDown)), t % (stepsUp + stepsDown)];
          const height = into < stepsUp ? into / stepsUp : 1 - (into - stepsUp) / stepsDown;
          const size = { triangular: 1, triangular2: 0.5 ** cycle, expRange: g ** t }[mode];
          expect(Math.abs(lr(t) - (0.1 + 0.8 * height * size))).toBeLessThanOrEqual(1e-12);
          expect(Math.abs(momentum(t) - (0.9 - 0.1 * height * size))).toBeLessThanOrEqual(1e-12);
        }
      }),
    ));

  it("SequentialLR starts each scheduler at its own 0", () => {
    const lr = join([linear({ start: 0.1, end: 1, steps: 5 }), exponential({ start: 1, gamma: 0.9 }), stepDecay({ start: 1, steps: 2 })], [5, 8]);
    follows(lr, [0.1, 0.28, 0.46, 0.64, 0.82, 1, 0.9, 0.81, 1, 1, 0.1, 0.1, 0.01]);
  });
});

describe("optax", () => {
  /** Values at boundaries, multiplied up from the first, and what lies between. */
  function interpolated(start: number, boundaries: readonly [number, number][], curve: (a: number, b: number, p: number) => number): Schedule {
    const values = [start];
    for (const [, scale] of boundaries) values.push(values.at(-1)! * scale);
    const ends = [0, ...boundaries.map(([end]) => end)];
    return (t) => {
      const i = ends.findLastIndex((end) => end <= t);
      return i === boundaries.length ? values[i] : curve(values[i], values[i + 1], (t - ends[i]) / (ends[i + 1] - ends[i]));
    };
  }
  const half = (a: number, b: number, p: number): number => b + ((a - b) / 2) * (Math.cos(Math.PI * p) + 1);
  const straight = (a: number, b: number, p: number): number => (b - a) * p + a;
  const cycle = fc.record({ peak: rate, steps: fc.integer({ min: 20, max: 200 }), pctStart: fc.double({ min: 0, max: 0.5, noNaN: true }), divFactor: fc.double({ min: 1, max: 50, noNaN: true }), finalDivFactor: fc.double({ min: 1, max: 1e5, noNaN: true }) });

  it("cosine_onecycle_schedule interpolates between scaled boundaries", () =>
    fc.assert(
      fc.property(cycle, (o) => {
        const expected = interpolated(o.peak / o.divFactor, [[Math.trunc(o.pctStart * o.steps), o.divFactor], [o.steps, 1 / (o.divFactor * o.finalDivFactor)]], half);
        follows(oneCycleOptax(o).lr, Array.from({ length: o.steps + 9 }, (_, t) => expected(t)), o.peak);
      }),
    ));

  it("linear_onecycle_schedule interpolates between three", () =>
    fc.assert(
      fc.property(cycle, fc.double({ min: 0.6, max: 0.94, noNaN: true }), (o, pctFinal) => {
        const expected = interpolated(o.peak / o.divFactor, [[Math.trunc(o.pctStart * o.steps), o.divFactor], [Math.trunc(pctFinal * o.steps), 1 / o.divFactor], [o.steps, 1 / o.finalDivFactor]], straight);
        follows(oneCycleOptax({ ...o, pctFinal, anneal: "linear" }).lr, Array.from({ length: o.steps + 9 }, (_, t) => expected(t)), o.peak);
      }),
    ));

  it("keeps one phase less where two boundaries fall on the same step: that is refused here", () => {
    expect(() => oneCycleOptax({ peak: 1, steps: 1 })).not.toThrow();
    expect(() => oneCycleOptax({ peak: 1, steps: 10, anneal: "linear", pctStart: 0.3, pctFinal: 0.35 })).toThrow("oneCycleOptax: steps is 10: the phases end at 3, 3, 10. Each needs at least one step.");
    expect(() => oneCycleOptax({ peak: 1, steps: 10, anneal: "linear", pctFinal: 1 })).toThrow("the phases end at 3, 10, 10");
    expect(() => oneCycleOptax({ peak: 1, steps: 10, pctStart: 1 })).toThrow("the phases end at 10, 10. Each needs");
  });

  it("exponential_decay with everything: held first, in stairs, with a floor", () => {
    const options = { start: 1, gamma: 0.5, steps: 7, begin: 3 };
    follows(exponential({ ...options, staircase: true }), [...Array(10).fill(1), ...Array(7).fill(0.5), ...Array(7).fill(0.25)]);
    follows(exponential({ ...options, end: 0.4 }), Array.from({ length: 40 }, (_, t) => Math.max(t < 3 ? 1 : 0.5 ** ((t - 3) / 7), 0.4)));
  });

  it("warmup_cosine_decay_schedule counts the warm-up as part of its length", () => {
    const lr = warmUp(cosine({ start: 1, end: 0.1, steps: 6 }), { start: 0.1, steps: 2 });
    follows(lr, [0.1, 0.55, 1, ...[1, 2, 3, 4, 5, 6, 6, 6].map((u) => 0.1 + 0.45 * (1 + Math.cos((Math.PI * u) / 6)))]);
  });

  it("piecewise_constant_schedule has a factor for each boundary, which acts from the boundary on", () =>
    follows(multiStep({ start: 1, milestones: [5, 12], gamma: [0.5, 0.1] }), [...Array(5).fill(1), ...Array(7).fill(0.5), 0.05, 0.05]));
});

describe("fastai", () => {
  /** Half a cosine as fastai 2 writes it. */
  const half = (start: number, end: number, p: number): number => start + ((1 + Math.cos(Math.PI * (1 - p))) * (end - start)) / 2;

  it("fit_one_cycle goes by the share of training that is done", () =>
    fc.assert(
      fc.property(rate, fc.integer({ min: 4, max: 300 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (peak, steps, pct) => {
        const { lr, momentum } = oneCycleFastai({ peak, steps, pctStart: pct });
        const combined = (start: number, middle: number, end: number) => Array.from({ length: steps }, (_, i) => (i / steps < pct ? half(start, middle, i / steps / pct) : half(middle, end, (i / steps - pct) / (1 - pct))));
        follows(lr, combined(peak / 25, peak, peak / 1e5), peak);
        follows(momentum, combined(0.95, 0.85, 0.95));
      }),
    ));

  it("fit_flat_cos", () => follows(flatCosine({ start: 0.1, steps: 8 }), [...Array(6).fill(0.1), 0.1, (0.1 + 1e-6) / 2]));

  it("fit_sgdr ends after its cycles, at 0", () => follows(warmRestarts({ start: 1, period: 2, periodFactor: 2, cycles: 2 }), [1, 0.5, 1, half(1, 0, 0.25), 0.5, half(1, 0, 0.75), 0, 0]));

  /** fastai 0.7 counts batches within a cycle and asks for rate and momentum at each. */
  it("0.7's use_clr: a share of the way up to the cut, then of the way down", () =>
    fc.assert(
      fc.property(rate, fc.integer({ min: 10, max: 300 }), fc.double({ min: 1, max: 10, noNaN: true }), fc.double({ min: 1, max: 40, noNaN: true }), (peak, steps, cutDivisor, divFactor) => {
        const { lr, momentum } = slantedCycle({ peak, steps, cutDivisor, divFactor });
        const cut = Math.floor(steps / cutDivisor);
        const up = (i: number): number => (i > cut ? 1 - (i - cut) / (steps - cut) : i / cut);
        const batches = Array.from({ length: steps }, (_, i) => i);
        follows(lr, batches.map((i) => (peak * (1 + up(i) * (divFactor - 1))) / divFactor), peak);
        follows(momentum, batches.map((i) => 0.85 + (1 - up(i)) * (0.95 - 0.85)));
      }),
    ));

  it("0.7's use_clr_beta: as far up as down, then on to a hundredth", () =>
    fc.assert(
      fc.property(rate, fc.integer({ min: 10, max: 300 }), fc.double({ min: 0, max: 0.7, noNaN: true }), fc.double({ min: 1, max: 40, noNaN: true }), (peak, steps, pctFinal, divFactor) => {
        const { lr, momentum } = oneCycleSmith({ peak, steps, pctFinal, divFactor });
        const half = Math.trunc((steps * (1 - pctFinal)) / 2);
        const up = (i: number): number => (i > half ? 1 - (i - half) / half : i / half);
        const batches = Array.from({ length: steps }, (_, i) => i);
        const rateOf = (i: number): number => (i > 2 * half ? (peak * (1 + ((i - 2 * half) / (steps - 2 * half)) * (-99 / 100))) / divFactor : (peak * (1 + up(i) * (divFactor - 1))) / divFactor);
        follows(lr, batches.map(rateOf), peak);
        follows(momentum, batches.map((i) => (i > 2 * half ? 0.95 : 0.95 + up(i) * (0.85 - 0.95))));
      }),
    ));

  it("0.7's training phases: the start value first, then f(i/nb) after each batch, never f(1) within the phase", () =>
    fc.assert(
      fc.property(fc.array(fc.record({ steps: length, start: rate, end: rate, curve: fc.constantFrom("linear" as const, "cosine" as const, "exponential" as const, "polynomial" as const), power: fc.constantFrom(1, 2, 3) }), { minLength: 1, maxLength: 5 }), (list) => {
        function* scheduler(): Generator<number> {
          for (const { steps, start, end, curve, power } of list) {
            let lr = start;
            for (let it = 1; it <= steps; it++) {
              yield lr;
              const p = it / steps;
              if (curve === "linear") lr = start + p * (end - start);
              else if (curve === "cosine") lr = end + ((start - end) / 2) * (Math.cos(Math.PI * p) + 1);
              else if (curve === "exponential") lr = start * (end / start) ** p;
              else lr = end + (start - end) * (1 - p) ** power;
            }
          }
        }
        const { lr } = phases(list.map(({ steps, ...ramp }) => ({ steps, lr: ramp })));
        follows(lr, scheduler(), 2);
      }),
    ));
});
