import { norm } from "./norm.ts";
import type { FloatArray, Param } from "./param.ts";
import { OptionError } from "./errors.ts";
import { pow } from "./pow.ts";
import { aboveZero, atLeastZero, checkOptions, show } from "./range.ts";

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
  checkOptions(where, { maxNorm, normType, eps }, { maxNorm: aboveZero, normType: { needs: "a number > 0, or Infinity", holds: (p) => p > 0 }, eps: atLeastZero });
  if (variant !== "torch" && variant !== "optax") throw new OptionError(where, "variant", `variant is ${show(variant)}. It needs "torch" or "optax".`);
  const optaxFactor = (norm: number): number => (norm < maxNorm ? 1 : maxNorm / norm);
  const torchFactor = (norm: number): number => Math.min(1, maxNorm / (norm + eps));
  return { normOf: (arrays) => normOfAll(arrays, normType), factorOf: variant === "optax" ? optaxFactor : torchFactor };
}

/** The p-norm of several arrays as of one. */
export function normOfAll(arrays: readonly FloatArray[], p: number = 2): number {
  if (p === 2) return Math.sqrt(arrays.reduce((sum, g) => sum + norm(g) ** 2, 0));
  let total = 0;
  for (const g of arrays)
    for (let i = 0; i < g.length; i++) {
      const size = Math.abs(g[i]);
      total = p === Infinity ? Math.max(total, size) : total + pow(size, p);
    }
  return p === Infinity ? total : pow(total, 1 / p);
}

/** Multiplies in place; a factor of 1 writes nothing. */
export function scale(g: FloatArray, factor: number, begin: number = 0, end: number = g.length): void {
  if (factor !== 1) for (let i = begin; i < end; i++) g[i] *= factor;
}

/** The gradients among parameters and arrays; null gradients fall out. */
export function gradientArrays(gradients: Iterable<Param | FloatArray>): FloatArray[] {
  return [...gradients].flatMap((g) => (ArrayBuffer.isView(g) ? [g] : g.grad === null ? [] : [g.grad]));
}
