// Which simd kernel sums a tensor over given axes, if any.
import type { Address, SimdKernel } from "../../op.ts";
import type { Shape } from "../../shape.ts";
import { sizeOf } from "../../shape.ts";
import { kernels } from "../../simd/kernels.ts";
import { parallel } from "../../simd/parallel.ts";
import { withScratch } from "../../simd/scratch.ts";
import type { Reduction } from "./reduction.ts";

/** Sizes of neighbouring axes taken together, in turn summed over and kept. */
type Parts = readonly { readonly size: number; readonly summed: boolean }[];

/** The length of the parts of a long sum; reduce.simd.ts knows it too. */
const BLOCK = 16_384;
/** Elements whose sum takes about 2 us. */
const GRAIN = 65_536;

export const sumSimd = (factor: (terms: number) => number): SimdKernel<Reduction> => (out, [x], { shapes: [shape], attrs: { axes } }) => {
  const parts = partsOf(shape, axes);
  const scale = factor(sizeOf(axes.map((axis) => shape[axis])));
  const [first, second, third] = parts;
  if (parts.length === 0 || (parts.length === 1 && first.summed)) sumAll(out, x, first?.size ?? 1, scale);
  else if (parts.length === 1) sumRuns(out, x, 1, first.size, 1, scale);
  else if (parts.length === 2 && second.summed) sumRuns(out, x, 1, first.size, second.size, scale);
  else if (parts.length === 2) sumColumns(out, x, first.size, second.size, scale);
  else if (parts.length === 3 && first.summed) sumRuns(out, x, first.size, second.size, third.size, scale);
  else if (parts.length === 3) for (let i = 0; i < first.size; i++) sumColumns(out + 4 * i * third.size, x + 4 * i * second.size * third.size, second.size, third.size, scale);
  else return false;
  return;
};

function partsOf(shape: Shape, axes: readonly number[]): Parts {
  const parts: { size: number; summed: boolean }[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const summed = axes.includes(axis);
    const last = parts.at(-1);
    if (last?.summed === summed) last.size *= size;
    else parts.push({ size, summed });
  });
  return parts;
}

function sumAll(out: Address, x: Address, count: number, scale: number): void {
  const blocks = Math.ceil(count / BLOCK);
  if (blocks <= 1) return kernels().sumRuns(out, x, 1, 1, count, scale, 0, 1);
  return withScratch(8 * blocks, (partials) => {
    parallel("sumBlocks", [partials, x, count], blocks, GRAIN / BLOCK);
    kernels().sumPartials(out, partials, blocks, scale);
  });
}

const grainOf = (terms: number): number => Math.ceil(GRAIN / Math.max(1, terms));

const sumRuns = (out: Address, x: Address, outer: number, kept: number, inner: number, scale: number): void =>
  parallel("sumRuns", [out, x, outer, kept, inner, scale], kept, grainOf(outer * inner));

const sumColumns = (out: Address, x: Address, rows: number, columns: number, scale: number): void =>
  // Sixteen columns at a time: a cache line.
  parallel("sumColumns", [out, x, rows, columns, scale], columns, 16 * Math.ceil(grainOf(rows) / 16));
