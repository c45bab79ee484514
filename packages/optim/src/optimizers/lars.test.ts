import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { norm } from "../norm.ts";
import { decoupled } from "../weightDecay.ts";
import { lars, type LarsOptions } from "./lars.ts";
import type { FloatArray, Param } from "../param.ts";

const matrix = (name: string, data: number[], grad: number[] | null): Param => ({ name, data: Float64Array.from(data), grad: grad && Float64Array.from(grad), shape: [data.length, 1] });
/** Numbers between 0.01 and 10, of either sign. */
const away = fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.boolean()).map(([n, negative]) => (negative ? -n : n) / 100);
const values = fc.array(away, { minLength: 3, maxLength: 3 });

/** Weights after steps with the given gradients, each multiplied by `scale`. */
function run(start: number[], gradients: readonly number[][], scale: number, options: Partial<LarsOptions> = {}): number[] {
  const w = matrix("w", start, null);
  const optimizer = lars([w], { lr: 1, weightDecay: 0, trustCoefficient: 0.01, ...options });
  for (const g of gradients) {
    w.grad = Float64Array.from(g, (x) => x * scale);
    optimizer.step();
  }
  return [...w.data];
}

describe("lars", () => {
  it("moves by η times the norm of the weights, decay included in the ratio", () => {
    const w = matrix("w", [3, 4], [0, 2]);
    const [record] = lars([w], { lr: 10, trustCoefficient: 0.01, weightDecay: 0.1 }).step();
    // λ = 0.01·5/(2 + 0.1·5) = 0.02; v = 10·0.02·(g + 0.1·w) = 0.2·[0.3, 2.4]
    expect(record).toMatchObject({ trust: 0.02, rate: 0.2, weightNorm: 5, gradNorm: 2, limitedBy: null });
    expect(w.data[0]).toBeCloseTo(3 - 0.06, 14);
    expect(w.data[1]).toBeCloseTo(4 - 0.48, 14);
  });

  it("keeps the rate at which a gradient came in: after lr drops to 0 the buffer runs on", () => {
    const w = matrix("w", [1], [1]);
    const optimizer = lars([w], { lr: (t) => (t === 0 ? 1 : 0), momentum: 0.5, trustCoefficient: 0.1, weightDecay: 0 });
    optimizer.step();
    optimizer.step();
    optimizer.step();
    expect(w.data[0]).toBeCloseTo(1 - 0.1 - 0.05 - 0.025, 14);
  });

  it("does not change when the loss is multiplied by 10, and not by a bit when it is multiplied by 8", () => {
    fc.assert(
      fc.property(values, fc.array(values, { minLength: 1, maxLength: 8 }), (start, gradients) => {
        const plain = run(start, gradients, 1);
        const scaled = run(start, gradients, 10);
        // 1e-12 of the weights: multiplying by 10 rounds each gradient.
        for (const [i, x] of plain.entries()) expect(Math.abs(scaled[i] - x)).toBeLessThanOrEqual(1e-12 * norm(Float64Array.from(start)));
        expect(run(start, gradients, 8)).toEqual(plain);
      }),
    );
  });

  it("takes steps proportional to the weights: doubling them doubles the step", () => {
    fc.assert(
      fc.property(values, values, (start, gradient) => {
        const step = (scale: number): number[] => {
          const w = start.map((x) => x * scale);
          return run(w, [gradient], 1).map((x, i) => x - w[i]);
        };
        const [one, two] = [step(1), step(2)];
        for (const [i, x] of one.entries()) expect(Math.abs(two[i] - 2 * x)).toBeLessThanOrEqual(1e-14 * norm(Float64Array.from(start)));
      }),
    );
  });

  it("takes trust 1 where a norm is zero, decays all the same, and says zeroNorm", () => {
    const params = [matrix("zero weight", [0, 0], [1, 0]), matrix("zero gradient", [2, 0], [0, 0])];
    const records = lars(params, { lr: 0.1, weightDecay: 0.5 }).step();
    expect(records.map((r) => [r.trust, r.limitedBy])).toEqual([[1, "zeroNorm"], [1, "zeroNorm"]]);
    expect(params[0].data[0]).toBeCloseTo(-0.1, 14);
    expect(params[1].data[0]).toBeCloseTo(2 - 0.1 * 0.5 * 2, 14);
  });

  it("does not make NaN of the smallest gradient there is, whose ratio would be infinite", () => {
    const w = matrix("w", [1e3, 1], [0, 5e-324]);
    expect(lars([w], { lr: 1, weightDecay: 0 }).step()[0].limitedBy).toBe("zeroNorm");
    expect([...w.data]).toEqual([1e3, 1]);
  });

  it("excludes what has at most one axis from trust and decay, unless told otherwise", () => {
    const bias = (): Param => ({ name: "bias", data: Float64Array.of(2), grad: Float64Array.of(1), shape: [1] });
    const [excluded, included] = [bias(), bias()];
    expect(lars([excluded], { lr: 0.1, weightDecay: 1 }).step()[0]).toMatchObject({ trust: 1, rate: 0.1, limitedBy: null });
    expect(excluded.data[0]).toBeCloseTo(1.9, 14);
    const [record] = lars([included], { lr: 0.1, weightDecay: 1, exclude: [] }).step();
    expect(record.trust).toBeCloseTo((0.001 * 2) / (1 + 2), 14);
    expect(included.data[0]).toBeCloseTo(2 - 0.1 * record.trust * (1 + 2), 14);
  });

  it("excludes from the trust alone, or from the decay alone, when told so", () => {
    const trusts = (exclude: object): [number, number] => {
      const w = { name: "w", data: Float64Array.of(2), grad: Float64Array.of(1), shape: [1, 1] };
      const [record] = lars([w], { lr: 0.1, weightDecay: 1, exclude }).step();
      return [record.trust, (2 - w.data[0]) / record.rate];
    };
    const [ratio, withoutDecay] = [(0.001 * 2) / (1 + 2), (0.001 * 2) / 1];
    for (const [exclude, trust, step] of [[{ trust: "w" }, 1, 3], [{ decay: "w" }, withoutDecay, 1], [{ trust: "w", decay: "w" }, 1, 1], [{ trust: [], decay: [] }, ratio, 3]] as const) {
      const [actual, taken] = trusts(exclude);
      expect(actual).toBeCloseTo(trust, 14);
      expect(taken).toBeCloseTo(step, 10);
    }
    expect(() => trusts({ trust: "v" })).toThrow('lars: exclude.trust names "v", which is none of the parameters: w.');
    expect(() => trusts({ trsut: "w" })).toThrow("lars: exclude is an object. It needs a name or pattern, a RegExp, a list of names or parameters, or a function.");
  });

  it("has a ceiling of η/wd for the trust, of either kind of decay, and none without decay", () => {
    const dying = (weightDecay: LarsOptions["weightDecay"]): number => lars([matrix("w", [1], [1e-30])], { lr: 1, weightDecay: weightDecay! }).step()[0].trust;
    expect(dying(1e-4)).toBeCloseTo(10, 10);
    expect(dying(decoupled(1e-4))).toBeCloseTo(10, 10);
    expect(dying(0)).toBeGreaterThan(1e26);
  });

  it("with decoupled decay shrinks the weights by rate·wd beside the buffer", () => {
    const w = matrix("w", [2], [0.5]);
    const optimizer = lars([w], { lr: 1, trustCoefficient: 0.1, momentum: 0.9, weightDecay: decoupled(0.25) });
    const [{ rate }] = optimizer.step();
    expect(rate).toBeCloseTo((0.1 * 2) / (0.5 + 0.25 * 2), 14);
    expect(w.data[0]).toBeCloseTo(2 - rate * 0.5 - rate * 0.25 * 2, 14);
    expect(optimizer.stateDict().params.w.arrays.momentum[0]).toBeCloseTo(rate * 0.5, 14);
  });

  it("sees a tensor that is split in two as two layers, which sgd would not", () => {
    const whole = matrix("w", [3, 4], [1, 2]);
    const parts = [matrix("a", [3], [1]), matrix("b", [4], [2])];
    lars([whole], { lr: 1, weightDecay: 0 }).step();
    lars(parts, { lr: 1, weightDecay: 0 }).step();
    expect(parts.map((p) => p.data[0])).toEqual([3 - 0.003, 4 - 0.004]);
    expect([...whole.data]).not.toEqual(parts.map((p) => p.data[0]));
  });

  it("refuses a trust coefficient of 0 and Nesterov without momentum", () => {
    const w: { name: string; data: FloatArray; grad: null }[] = [{ name: "w", data: new Float32Array(1), grad: null }];
    expect(() => lars(w, { lr: 1, trustCoefficient: 0 })).toThrow("lars: trustCoefficient is 0. It needs a finite number > 0.");
    expect(() => lars(w, { lr: 1, momentum: 0, nesterov: true })).toThrow("lars: nesterov is true with momentum 0 and dampening 0. It needs momentum > 0 and no dampening.");
  });
});
