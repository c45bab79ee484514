import type { StepRecord } from "@llr/optim";
import { describe, expect, it } from "vitest";
import { describeRateWarning, rateWatch } from "./index.ts";

const PARAMETERS = [
  { name: "fc.weight", layer: "fc", size: 4 },
  { name: "fc.bias", layer: "fc", size: 2 },
];

function record(name: string, changes: Partial<StepRecord> = {}): StepRecord {
  return { name, layer: "fc", lr: 0.1, trust: 1, rate: 0.1, weightNorm: 1, gradNorm: 1, updateNorm: 0.01, limitedBy: null, skipped: null, ...changes };
}

/** Warnings after steps 1 to n, of which `at` says what the bias does, and what the weight. */
function warningsOf(steps: number, at: (step: number) => { bias?: Partial<StepRecord>; weight?: Partial<StepRecord> }) {
  const watch = rateWatch(PARAMETERS);
  for (let step = 1; step <= steps; step++) watch.observe(step, [record("fc.weight", at(step).weight), record("fc.bias", at(step).bias)]);
  return watch.warnings();
}

describe("the watch over rates", () => {
  it("is silent for steps below a tenth of the norm at the layer's rate", () => {
    expect(warningsOf(500, () => ({ bias: { updateNorm: 0.1, rate: 1 } }))).toEqual([]);
  });

  it("names the parameter that moves by more than a tenth of its norm 20 steps in a row, with the first step and the largest share", () => {
    const large = (step: number) => ({ bias: { updateNorm: step > 7 && step <= 27 ? 0.11 + (step === 9 ? 1 : 0) : 0.1 } });
    expect(warningsOf(60, large)).toEqual([{ kind: "largeStep", parameter: "fc.bias", layer: "fc", fromStep: 8, steps: 20, worst: 1.11 }]);
  });

  it("is silent when a smaller step interrupts after 19", () => {
    expect(warningsOf(400, (step) => ({ bias: { updateNorm: step % 20 === 0 ? 0.01 : 5 } }))).toEqual([]);
  });

  it("keeps the longest of several runs", () => {
    const lengths = (step: number) => (step > 10 && step <= 35) || (step > 40 && step <= 61);
    expect(warningsOf(70, (step) => ({ weight: { updateNorm: lengths(step) ? 1 : 0 } }))).toMatchObject([{ parameter: "fc.weight", fromStep: 11, steps: 25 }]);
  });

  it("names a bias whose rate is more than ten times that of the layer's largest parameter", () => {
    expect(warningsOf(20, () => ({ bias: { rate: 10 } }))).toEqual([{ kind: "rateAboveLayer", parameter: "fc.bias", layer: "fc", fromStep: 1, steps: 20, worst: 100 }]);
    expect(warningsOf(19, () => ({ bias: { rate: 10 } }))).toEqual([]);
  });

  it("compares no rate with that of a frozen layer, and takes two rates of 0 as equal", () => {
    expect(warningsOf(50, () => ({ weight: { skipped: "noGradient", rate: 0, updateNorm: 0 }, bias: { rate: 10 } }))).toEqual([]);
    expect(warningsOf(50, () => ({ weight: { rate: 0 }, bias: { rate: 0 } }))).toEqual([]);
  });

  it("judges a parameter that starts at 0 only after its first 100 steps", () => {
    const fromZero = (step: number) => ({ bias: { weightNorm: Math.sqrt(step - 1), updateNorm: 1 } });
    expect(warningsOf(400, fromZero)).toEqual([]);
    const growing = (step: number) => ({ bias: { weightNorm: 2 ** (step - 1) - 1, updateNorm: 2 ** (step - 1) } });
    expect(warningsOf(130, growing)).toMatchObject([{ kind: "largeStep", fromStep: 101, steps: 30 }]);
  });

  it("says it in a sentence that names parameter, steps and extent", () => {
    const [warning] = warningsOf(20, () => ({ bias: { updateNorm: 6.62 } }));
    expect(describeRateWarning(warning)).toBe("fc.bias moved by more than a tenth of its norm in 20 steps in a row (from step 1; at most 6.6 times its norm).");
  });
});
