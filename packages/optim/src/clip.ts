import { norm, normOfNorms } from "./norm.ts";
import type { FloatArray, Param } from "./param.ts";
import { OptionError } from "./errors.ts";
import { pow } from "./pow.ts";
import { atLeastZero, checkOptions, limitOrNone, show } from "./range.ts";

/** What a clipping rule did. Every rule returns at least this, so that a log can hold any of them. */
export interface Clipped {
  /** The norm over all gradients together, before clipping. 2-norm unless the rule was given another. */
  readonly norm: number;
  readonly clipped: boolean;
  /** Share of what the rule looks at that was clipped: of layers, elements, units; the global norm is one thing, 0 or 1. */
  readonly fraction: number;
}

/** What norm is limited, and how. */
export interface ClipNormOptions {
  /** Infinity: nothing is clipped, and the norm is measured. 0: every gradient becomes 0. */
  readonly maxNorm: number;
  /** The p of the norm, > 0 and possibly Infinity (the largest element). Default 2. */
  readonly normType?: number;
  /** Which published rule decides the factor. Default "torch". */
  readonly variant?: "torch" | "optax";
  /** Added to the norm in the torch variant. Default 1e-6. */
  readonly eps?: number;
}

/** Checks the options and returns what norm gradients have, and what factor follows from it. */
export function normClipper(where: string, options: ClipNormOptions): { normOf(arrays: readonly FloatArray[]): number; factorOf(norm: number): number } {
  const { maxNorm, normType = 2, variant = "torch", eps = 1e-6 } = options;
  checkOptions(where, { maxNorm, normType, eps }, { maxNorm: limitOrNone, normType: { needs: "a number > 0, or Infinity", holds: (p) => p > 0 }, eps: atLeastZero });
  if (variant !== "torch" && variant !== "optax") throw new OptionError(where, "variant", `variant is ${show(variant)}. It needs "torch" or "optax".`);
  const factorOf = (norm: number): number => {
    // Without a limit nothing is clipped, not even what is infinite; and a norm of 0 is within any.
    if (maxNorm === Infinity || norm === 0) return 1;
    if (variant === "optax") return norm < maxNorm ? 1 : maxNorm / norm;
    return Math.min(1, maxNorm / (norm + eps));
  };
  return { normOf: (arrays) => normOfAll(arrays, normType), factorOf };
}

/** The p-norm of several arrays as of one. */
export function normOfAll(arrays: readonly FloatArray[], p: number = 2): number {
  if (p === 2) return normOfNorms(arrays.map(norm));
  const peak = arrays.reduce((largest, g) => Math.max(largest, peakOf(g)), 0);
  if (p === Infinity || peak === 0 || !Number.isFinite(peak)) return peak;
  const sum = powerSum(arrays, p, 1);
  // A power that overflowed, or vanished, is taken again of sizes of 1 and less.
  return sum > 1e-280 && sum < Infinity ? pow(sum, 1 / p) : peak * pow(powerSum(arrays, p, peak), 1 / p);
}

/** Largest size of an element; NaN if one is NaN. */
function peakOf(g: FloatArray): number {
  let peak = 0;
  for (let i = 0; i < g.length; i++) peak = Math.max(peak, Math.abs(g[i]));
  return peak;
}

function powerSum(arrays: readonly FloatArray[], p: number, unit: number): number {
  let sum = 0;
  for (const g of arrays) for (let i = 0; i < g.length; i++) sum += pow(Math.abs(g[i]) / unit, p);
  return sum;
}

/** Multiplies in place; a factor of 1 writes nothing. */
export function scale(g: FloatArray, factor: number, begin: number = 0, end: number = g.length): void {
  if (factor !== 1) for (let i = begin; i < end; i++) g[i] *= factor;
}

/** The gradients among parameters and arrays; null gradients fall out. */
export function gradientArrays(gradients: Iterable<Param | FloatArray>): FloatArray[] {
  return [...gradients].flatMap((g) => (ArrayBuffer.isView(g) ? [g] : g.grad === null ? [] : [g.grad]));
}
