import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sandbox } from "../test/llr.ts";
import { DRIFT_RULES, driftOf } from "./drift.ts";

const box = sandbox();
const ruleOf = (label: string) => DRIFT_RULES.find((r) => r.label === label)!;

describe("MAD-LLR on a noisy quadratic", () => {
  it("literally, with a short memory, loses more than nine tenths of its rate ten times over, whatever the seed", () => {
    for (const seed of [1, 2, 3]) {
      const rates = driftOf(ruleOf("literal, beta 0"), { steps: 1000, seed, noise: 0.3 });
      expect(rates.at(-1)!).toBeLessThan(1e-10 * rates[1]);
    }
  });

  it("guarded, stays between a twentieth of the schedule's rate and the rate itself", () => {
    for (const seed of [1, 2, 3]) for (const rate of driftOf(ruleOf("guarded (cap), beta 0.9"), { steps: 1000, seed, noise: 0.3 })) {
      expect(rate).toBeLessThanOrEqual(0.02);
      expect(rate).toBeGreaterThan(0.001);
    }
  });

  it("literally, without noise, measures curvature: the rate lies between 1 / largest and 1 / smallest curvature", () => {
    const [, ...rates] = driftOf(ruleOf("literal, beta 0"), { steps: 100, seed: 1, noise: 0 });
    for (const rate of rates) {
      expect(rate).toBeGreaterThan(0.1 - 1e-6);
      expect(rate).toBeLessThan(1 + 1e-6);
    }
  });
});

describe("llr drift", () => {
  it("prints the rates and draws them", async () => {
    const { code, err, out } = await box.llr(["drift", "--steps", "100", "--out", "drift.svg"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^rule +10 +100\nliteral, beta 0 +[\d.]+e-\d+/m);
    const svg = readFileSync(box.path("drift.svg"), "utf8");
    for (const { label } of DRIFT_RULES) expect(svg).toContain(`data-name="${label}"`);
    expect(svg).not.toContain("var(--"); // it stands without the report's style sheet
  });
});
