import { pow } from "../pow.ts";
import { atLeastZero, belowOne, wholeOrZero } from "../range.ts";
import { squareLimit, withinSquares } from "../squareLimit.ts";
import type { Direction } from "../updateRule.ts";
import { wholePower } from "../wholePower.ts";

export interface NadamValues {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly momentumDecay: number;
  readonly variant: "torch2" | "torch1";
}

/**
 * Adam that looks ahead as Nesterov's momentum does, with a momentum that warms up (k = updates of this parameter):
 *
 *   μ_k = β1·(1 − ½·0.96^(k·momentumDecay)),  Π = μ_1 · … · μ_k
 *   m ← β1·m + (1 − β1)·d,  v ← β2·v + (1 − β2)·d²
 *   u = [ (1 − μ_k)/(1 − Π) · d + μ_{k+1}/(1 − Π·μ_{k+1}) · m ] / (√(v / (1 − β2^k)) + eps)
 *
 * The variant torch1 has Π·μ_k·μ_{k+1} in the last denominator.
 */
export const nadamDirection: Direction<NadamValues> = {
  // The product Π is 0 before the first update, as all state is, and begins at 1.
  state: { arrays: () => ["firstMoment", "secondMoment"], numbers: ["updates", "momentumProduct"], ranges: { secondMoment: atLeastZero, updates: wholeOrZero, momentumProduct: belowOne } },
  update(w, g, { arrays, numbers }, { inner, l2, outer, decay }, { beta1, beta2, eps, momentumDecay, variant }) {
    const { firstMoment: m, secondMoment: v } = arrays;
    const k = ++numbers.updates;
    const momentumAt = (update: number): number => beta1 * (1 - 0.5 * pow(0.96, update * momentumDecay));
    const [present, next] = [momentumAt(k), momentumAt(k + 1)];
    const product = (k === 1 ? 1 : numbers.momentumProduct) * present;
    numbers.momentumProduct = product;
    const ofGradient = (1 - present) / (1 - product);
    const ofMoment = next / (1 - product * next * (variant === "torch1" ? present : 1));
    const correction2 = 1 - wholePower(beta2, k);
    const limit = squareLimit(w);
    let sum = 0;
    for (let i = 0; i < w.length; i++) {
      const d = withinSquares(inner * (g[i] + l2 * w[i]), limit);
      m[i] = beta1 * m[i] + (1 - beta1) * d;
      v[i] = beta2 * v[i] + (1 - beta2) * d * d;
      const u = (ofGradient * d + ofMoment * m[i]) / (Math.sqrt(v[i] / correction2) + eps);
      const change = outer * u + decay * w[i];
      w[i] -= change;
      sum += change * change;
    }
    return Math.sqrt(sum);
  },
};
