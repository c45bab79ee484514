// Functions of one tensor. The functions that they name are in gpu/functions.ts.
//
// Trigonometric functions and the inverse hyperbolic ones have no kernels: WGSL asks of sin and cos no more than three digits.
import type { GpuKernels } from "../../gpu/kernels.ts";
import { absOp, signOp } from "./abs.ts";
import { gpuMap } from "./elementwiseGpu.ts";
import { erfOp, erfSlopeOp } from "./erf.ts";
import { expOp } from "./exp.ts";
import { exp2Op, expm1Op, log10Op, log1pOp, log2Op } from "./exponentials.ts";
import { coshOp, sinhOp } from "./hyperbolic.ts";
import { isFiniteOp, isNaNOp } from "./isFinite.ts";
import { logOp } from "./log.ts";
import { negOp } from "./neg.ts";
import { cbrtOp, rsqrtOp } from "./powers.ts";
import { ceilOp, floorOp, roundOp, truncOp } from "./rounding.ts";
import { sigmoidOp } from "./sigmoid.ts";
import { sqrtOp } from "./sqrt.ts";
import { tanhOp } from "./tanh.ts";

export const negGpu: GpuKernels<null> = gpuMap(negOp, "-x");
export const absGpu: GpuKernels<null> = gpuMap(absOp, "Math.abs(x)");
export const signGpu: GpuKernels<null> = gpuMap(signOp, "x > 0 ? 1 : x < 0 ? -1 : 0");
export const floorGpu: GpuKernels<null> = gpuMap(floorOp, "Math.floor(x)");
export const ceilGpu: GpuKernels<null> = gpuMap(ceilOp, "Math.ceil(x)");
export const truncGpu: GpuKernels<null> = gpuMap(truncOp, "x < 0 ? Math.ceil(x) : Math.floor(x)");
// Half to even. At a half the even neighbour is twice the nearest whole number of x / 2, and x / 2 is never half a whole number.
export const roundGpu: GpuKernels<null> = gpuMap(roundOp, "x - Math.floor(x) === 0.5 ? 2 * Math.floor(x * 0.5 + 0.5) : Math.floor(x) + (x - Math.floor(x) > 0.5 ? 1 : 0)");
// The comparisons of numbers are false for NaN, and x !== x need not be true for it.
export const isNaNGpu: GpuKernels<null> = gpuMap(isNaNOp, "x <= 0 || x > 0 ? 0 : 1");
export const isFiniteGpu: GpuKernels<null> = gpuMap(isFiniteOp, "Math.abs(x) <= 3.4028234663852886e38 ? 1 : 0");

export const sqrtGpu: GpuKernels<null> = gpuMap(sqrtOp, "Math.sqrt(x)");
export const rsqrtGpu: GpuKernels<null> = gpuMap(rsqrtOp, "1 / Math.sqrt(x)");
export const cbrtGpu: GpuKernels<null> = gpuMap(cbrtOp, "x > 0 ? powOf(x, 0.33333334) : x < 0 ? 0 - powOf(0 - x, 0.33333334) : x");
export const expGpu: GpuKernels<null> = gpuMap(expOp, "expOf(x)");
export const exp2Gpu: GpuKernels<null> = gpuMap(exp2Op, "powOf(2, x)");
export const expm1Gpu: GpuKernels<null> = gpuMap(expm1Op, "expm1Of(x)");
export const logGpu: GpuKernels<null> = gpuMap(logOp, "logOf(x)");
export const log2Gpu: GpuKernels<null> = gpuMap(log2Op, `logOf(x) * ${Math.LOG2E}`);
export const log10Gpu: GpuKernels<null> = gpuMap(log10Op, `logOf(x) * ${Math.LOG10E}`);
export const log1pGpu: GpuKernels<null> = gpuMap(log1pOp, "log1pOf(x)");
export const tanhGpu: GpuKernels<null> = gpuMap(tanhOp, "tanhOf(x)");
export const sigmoidGpu: GpuKernels<null> = gpuMap(sigmoidOp, "sigmoidOf(x)");
// Differences of powers less 1 keep the digits near 0.
export const sinhGpu: GpuKernels<null> = gpuMap(sinhOp, "0.5 * (expm1Of(x) - expm1Of(0 - x))");
export const coshGpu: GpuKernels<null> = gpuMap(coshOp, "0.5 * (expOf(x) + expOf(0 - x))");
export const erfGpu: GpuKernels<null> = gpuMap(erfOp, "erfOf(x)");
export const erfSlopeGpu: GpuKernels<null> = gpuMap(erfSlopeOp, `${2 / Math.sqrt(Math.PI)} * expOf(0 - x * x)`);
