import { GradientError, OptionError } from "./errors.ts";
import { norm, normOfNorms } from "./norm.ts";
import { overlapping } from "./overlapping.ts";
import { checkParam, dtypeOf, type FloatArray, type Param } from "./param.ts";
import { pow } from "./pow.ts";
import { atLeastZero, limitOrNone, oneOf, readOptions, show, type Range } from "./range.ts";

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

const aboveZeroOrInfinite: Range = { needs: "a number > 0, or Infinity", holds: (p) => p > 0 };

/** Checks the options and returns what norm gradients have, and what factor follows from it. */
export function normClipper(where: string, options: ClipNormOptions): { normOf(arrays: readonly FloatArray[]): number; factorOf(norm: number): number } {
  const ranges = { maxNorm: limitOrNone, normType: aboveZeroOrInfinite, eps: atLeastZero, variant: oneOf("torch", "optax") };
  const { maxNorm, normType, variant, eps } = readOptions(where, options, ranges, { normType: 2, variant: "torch", eps: 1e-6 });
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
export function gradientArrays(where: string, gradients: Iterable<Param | FloatArray>): FloatArray[] {
  const arrays: FloatArray[] = [];
  for (const entry of listOf(where, gradients))
    if (ArrayBuffer.isView(entry)) arrays.push(checkedGradient(where, `gradient ${arrays.length}`, entry));
    else {
      const grad = gradientOf(where, entry);
      if (grad !== null) arrays.push(grad);
    }
  refuseSharedMemory(where, arrays);
  return arrays;
}

/** The parameters that have a gradient. */
export function withGradient(where: string, params: Iterable<Param>): (Param & { readonly grad: FloatArray })[] {
  const list = listOf(where, params).filter((param) => gradientOf(where, param) !== null) as (Param & { grad: FloatArray })[];
  refuseSharedMemory(where, list.map((param) => param.grad));
  return list;
}

function listOf<T>(where: string, list: Iterable<T>): T[] {
  if (ArrayBuffer.isView(list)) throw new OptionError(where, "gradients", `the gradients are ${show(list)}, one array. It needs a list of arrays or parameters: [array].`);
  if (typeof list !== "object" || list === null || !(Symbol.iterator in list)) throw new OptionError(where, "gradients", `the gradients are ${show(list)}. It needs a list of parameters or arrays, such as model.parameters().`);
  return [...list];
}

function gradientOf(where: string, param: Param): FloatArray | null {
  const { name, grad, data } = checkParam(where, "gradients", param);
  const gradient: unknown = grad ?? null;
  if (gradient === null) return null;
  checkedGradient(where, name, gradient);
  if (dtypeOf(data) !== null && data.length !== grad!.length) throw new GradientError(where, name, `the gradient of ${name} has ${grad!.length} values, its data ${data.length}. They need to agree.`);
  return grad;
}

function checkedGradient(where: string, name: string, gradient: unknown): FloatArray {
  if (dtypeOf(gradient) === null) throw new GradientError(where, name, `the gradient of ${name} is ${show(gradient)}. It needs a Float32Array or a Float64Array.`);
  return gradient as FloatArray;
}

/** What shares memory would be multiplied twice. */
function refuseSharedMemory(where: string, arrays: readonly FloatArray[]): void {
  const pair = overlapping(arrays);
  if (pair) throw new OptionError(where, "gradients", `gradients ${pair[0]} and ${pair[1]} of the list share memory, and would be clipped twice. It needs each once.`);
}
