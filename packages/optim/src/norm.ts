import type { FloatArray } from "./param.ts";

/** `‖x‖₂`, accumulated in float64. NaN if an element is NaN, Infinity if one is infinite. */
export function norm(x: FloatArray): number {
  // Two sums, since each addition waits for the one before it: this halves the time.
  let even = 0;
  let odd = 0;
  for (let i = 1; i < x.length; i += 2) {
    even += x[i - 1] * x[i - 1];
    odd += x[i] * x[i];
  }
  if (x.length % 2 === 1) even += x[x.length - 1] * x[x.length - 1];
  const sum = even + odd;
  // Squares of float32 values neither overflow nor vanish in float64. Those of float64 values may, below 1e-154 and
  // above 1e154: a vanished norm would read as a dead gradient.
  return sum > 1e-280 && sum < Infinity ? Math.sqrt(sum) : scaledNorm(x, 0, x);
}

/** The 2-norm of x[begin] ... x[end − 1], without a view for every unit of every step. */
export function normOfRange(x: FloatArray, begin: number, end: number): number {
  let sum = 0;
  for (let i = begin; i < end; i++) sum += x[i] * x[i];
  return sum > 1e-280 && sum < Infinity ? Math.sqrt(sum) : norm(x.subarray(begin, end));
}

/** The 2-norm of several vectors as of one, from their norms. */
export function normOfNorms(norms: readonly number[]): number {
  return norm(Float64Array.from(norms));
}

/** `‖x + a·y‖₂`, accumulated in float64, without an array for the sum. */
export function normOfSum(x: FloatArray, a: number, y: FloatArray): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const z = x[i] + a * y[i];
    sum += z * z;
  }
  return sum > 1e-280 && sum < Infinity ? Math.sqrt(sum) : scaledNorm(x, a, y);
}

function scaledNorm(x: FloatArray, a: number, y: FloatArray): number {
  // 0·Infinity is NaN: without a second vector it must not be read.
  const at = (i: number): number => (a === 0 ? x[i] : x[i] + a * y[i]);
  let peak = 0;
  for (let i = 0; i < x.length; i++) peak = Math.max(peak, Math.abs(at(i)));
  if (peak === 0 || !Number.isFinite(peak)) return peak;
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const share = at(i) / peak;
    sum += share * share;
  }
  return peak * Math.sqrt(sum);
}
