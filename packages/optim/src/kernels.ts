import type { FloatArray } from "./param.ts";
import type { MomentumFactors } from "./directions/momentum.ts";
import type { AdamFactors } from "./directions/adam.ts";

/** Norms before an update: `‖w‖₂` and `‖g‖₂`. */
export interface NormsBefore {
  weightNorm: number;
  gradNorm: number;
}

/**
 * The loops over whole arrays, replaceable one by one: hand in what you have faster (SIMD, threads), and the rest stays
 * plain TypeScript. Each plain loop is exported under the name given here; it is the definition of correct, and what a
 * replacement calls for arrays that it cannot take.
 *
 * Kernels check nothing, allocate nothing (but `allocate`) and write only what their names say. Norms and other long sums
 * accumulate in float64 whatever the arrays hold: 1e7 squares added up in float32 lose 3 digits.
 */
export interface UpdateKernels {
  /** Zeros of the type and length of `like`, for optimizer state. Plain: a new array. */
  allocate?(like: FloatArray): FloatArray;
  /** `‖x‖₂`. Plain: `norm`. */
  norm?(x: FloatArray): number;
  /** Heavy ball, Nesterov and plain descent, in place; returns `‖Δw‖₂`. Plain: `momentumUpdate`. */
  momentum?(w: FloatArray, g: FloatArray, v: FloatArray | null, factors: MomentumFactors, before?: NormsBefore): number;
  /** Adam and AdamW, in place; returns `‖Δw‖₂`. Plain: `adamUpdate`. */
  adam?(w: FloatArray, g: FloatArray, m: FloatArray, v: FloatArray, factors: AdamFactors, before?: NormsBefore): number;
  /** MAD-LLR's running means, in place; returns the distance to the mean before. Plain: `trackMean`. */
  trackMean?(mean: FloatArray, x: FloatArray, beta: number): number;
  /**
   * True: `momentum` and `adam` measure w and g while they pass over them, and write their norms into `before` where
   * that is given. Where nothing is decided by these norms (one rate for all layers), records then take no pass of their own.
   */
  readonly reportsNorms?: boolean;
}

/** Zeros of the type and length of `like`: the plain `allocate`. */
export function allocate(like: FloatArray): FloatArray {
  return like.BYTES_PER_ELEMENT === 4 ? new Float32Array(like.length) : new Float64Array(like.length);
}
