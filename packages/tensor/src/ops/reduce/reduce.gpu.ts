// Sums, means and extremes over axes, and what is derived from them.
import type { DeviceBuffer } from "../../device.ts";
import { NoKernelError } from "../../errors.ts";
import { literal, pointwise } from "../../gpu/grid.ts";
import type { GpuKernels, Run } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sizeOf, stridesOf } from "../../shape.ts";
import { maxOp, minOp, shareOp } from "./max.ts";
import { meanOp } from "./mean.ts";
import type { Norm } from "./norm.ts";
import { directionOp, normOp } from "./norm.ts";
import { fold, keptStrides, LARGEST, SUM } from "./reduceGpu.ts";
import type { Reduction } from "./reduction.ts";
import { countOf } from "./reduction.ts";
import { sumOp } from "./sum.ts";
import type { Variance } from "./variance.ts";
import { centeredOp, stdOp, varOp } from "./variance.ts";

export const sumGpu: GpuKernels<Reduction> = gpuPrimitive(sumOp, (run, [x], { shapes: [shape], attrs: { axes } }) => fold(run, x, shape, axes, { name: "sum", ...SUM }));

export const meanGpu: GpuKernels<Reduction> = gpuPrimitive(meanOp, (run, [x], { shapes: [shape], attrs: { axes } }) => meanOf("mean", run, x, shape, axes));

// A NaN among the terms is the result: see maxOf in gpu/functions.ts.
export const maxGpu: GpuKernels<Reduction> = gpuPrimitive(maxOp, (run, [x], { shapes: [shape], attrs: { axes } }) => fold(run, x, shape, axes, { name: "max", ...LARGEST }));
export const minGpu: GpuKernels<Reduction> = gpuPrimitive(minOp, (run, [x], { shapes: [shape], attrs: { axes } }) => fold(run, x, shape, axes, { name: "min", ...LARGEST, together: "minOf(a, b)" }));

export const shareGpu: GpuKernels<Reduction> = gpuPrimitive(shareOp, (run, [x, result], { shapes: [shape], attrs: { axes } }) => {
  const winners = fold(run, x, shape, axes, { name: "share", ...SUM, term: "v === w ? 1 : 0", beside: result });
  return andFree(spreadOver("share", run, shape, axes, x, [result, winners], "(a === b ? 1 : 0) / c"), winners);
});

/** The largest number is taken out, so that squares neither overflow nor vanish. */
export const normGpu: GpuKernels<Norm> = gpuPrimitive(normOp, (run, [x], { shapes: [shape], attrs: { axes, p } }) => normOf("norm", run, x, shape, axes, p));

export const directionGpu: GpuKernels<Norm> = gpuPrimitive(directionOp, (run, [x], { shapes: [shape], attrs: { axes, p } }) => {
  const size = normOf("direction", run, x, shape, axes, p);
  return andFree(spreadOver("direction", run, shape, axes, x, [size], "b === 0 ? 0 : a / b"), size);
});

export const varGpu: GpuKernels<Variance> = gpuPrimitive(varOp, (run, [x], { shapes: [shape], attrs }) => varianceOf("var", run, x, shape, attrs, (v) => v));
export const stdGpu: GpuKernels<Variance> = gpuPrimitive(stdOp, (run, [x], { shapes: [shape], attrs }) => varianceOf("std", run, x, shape, attrs, (v) => `Math.sqrt(${v})`));

export const centeredGpu: GpuKernels<Reduction> = gpuPrimitive(centeredOp, (run, [x], { shapes: [shape], attrs: { axes } }) => {
  const mean = meanOf("centered", run, x, shape, axes);
  return andFree(spreadOver("centered", run, shape, axes, x, [mean], "a - b"), mean);
});

function andFree(out: DeviceBuffer, ...used: readonly DeviceBuffer[]): DeviceBuffer {
  for (const buffer of used) buffer.release();
  return out;
}

function meanOf(name: string, run: Run, x: DeviceBuffer, shape: Shape, axes: readonly number[]): DeviceBuffer {
  return fold(run, x, shape, axes, { name, ...SUM, result: `a * ${literal(name, 1 / someOf(name, shape, axes))}` });
}

/** Of no numbers the mean is NaN, for which a kernel has no word; nobody trains on it. */
function someOf(name: string, shape: Shape, axes: readonly number[]): number {
  const count = countOf(shape, axes);
  if (count === 0 && sizeOf(shape.filter((_, axis) => !axes.includes(axis))) > 0) throw new NoKernelError(name, `the axes [${axes.join(", ")}] of ${formatShape(shape)} have no elements; the gpu has no kernel for the ${name} of none. Leave out the empty part.`);
  return Math.max(1, count);
}

function varianceOf(name: string, run: Run, x: DeviceBuffer, shape: Shape, { axes, ddof }: Variance, finish: (v: string) => string): DeviceBuffer {
  const weight = Math.max(0, someOf(name, shape, axes) - ddof);
  if (weight === 0) throw new NoKernelError(name, `${countOf(shape, axes)} elements less ddof ${ddof} leave nothing to divide by; the gpu has no kernel for it. Give a smaller ddof.`);
  const mean = meanOf(name, run, x, shape, axes);
  return andFree(fold(run, x, shape, axes, { name, ...SUM, term: "(v - w) * (v - w)", beside: mean, result: finish(`(a * ${literal(name, 1 / weight)})`) }), mean);
}

function normOf(name: string, run: Run, x: DeviceBuffer, shape: Shape, axes: readonly number[], p: number): DeviceBuffer {
  if (p !== 1 && p !== 2) throw new NoKernelError(name, `p is ${p}; the gpu has kernels for 1 and 2. Write it with abs, pow and sum, or compute it in memory.`);
  if (p === 1) return fold(run, x, shape, axes, { name, ...SUM, term: "Math.abs(v)" });
  const largest = fold(run, x, shape, axes, { name, together: LARGEST.together, start: 0, term: "Math.abs(v)" });
  const squares = fold(run, x, shape, axes, { name, ...SUM, term: "w === 0 ? 0 : (v / w) * (v / w)", beside: largest, result: "Math.sqrt(a)" });
  const n = largest.length;
  return andFree(run({ name, inputs: [[n], [n]], output: [n], source: "function (a, b) { return a[this.thread.x] * b[this.thread.x]; }" }, [largest, squares]), largest, squares);
}

/** x, as `a`, with the numbers of its results, as `b` and so on. */
function spreadOver(name: string, run: Run, shape: Shape, axes: readonly number[], x: DeviceBuffer, results: readonly DeviceBuffer[], expression: string): DeviceBuffer {
  const kept = keptStrides(shape, axes);
  return run(pointwise(name, shape, [{ length: x.length, strides: stridesOf(shape) }, ...results.map((r) => ({ length: r.length, strides: kept }))], expression), [x, ...results]);
}
