// Which simd kernel runs an elementwise function of two tensors, if any.
import type { SimdKernel } from "../../op.ts";
import type { Shape } from "../../shape.ts";
import { sizeOf } from "../../shape.ts";
import { ELEMENTWISE_GRAIN } from "../../simd/grain.ts";
import { parallel } from "../../simd/parallel.ts";

type Name = "add" | "mul" | "sub" | "subFrom" | "div" | "divInto";

/**
 * How a tensor repeats within the output: as rows of `length` again and again, or, with a `period`, each of its numbers
 * over a run of `length`, starting over after `period` runs.
 */
interface Layout {
  readonly length: number;
  readonly period: number | null;
}

/** @param first the function with its arguments exchanged, for a first operand that repeats */
export function binarySimd(second: Name, first: Name): SimdKernel<null> {
  return (out, [a, b], { shapes, shape }) => {
    const size = sizeOf(shape);
    const exchanged = sizeOf(shapes[0]) !== size;
    if (exchanged && sizeOf(shapes[1]) !== size) return false;
    const layout = layoutOf(shapes[exchanged ? 0 : 1], shape);
    if (layout === null) return false;
    const { length, period } = layout;
    const [name, full, repeated] = exchanged ? [first, b, a] as const : [second, a, b] as const;
    if (period === null) parallel(`${name}Rows`, [out, full, repeated, length], size, ELEMENTWISE_GRAIN);
    else parallel(`${name}Runs`, [out, full, repeated, length, period], size, ELEMENTWISE_GRAIN);
    return;
  };
}

/** How `small` repeats within `shape`; null unless the axes that the small shape really has are neighbours. */
export function layoutOf(small: Shape, shape: Shape): Layout | null {
  const size = sizeOf(shape);
  const period = sizeOf(small);
  if (period === size) return { length: size, period: null };
  if (period === 1) return { length: size, period: 1 };
  const missing = shape.length - small.length;
  const own = (axis: number): boolean => axis >= missing && small[axis - missing] !== 1;
  let first = 0;
  while (first < shape.length && !own(first)) first++;
  let end = first;
  while (end < shape.length && (own(end) || shape[end] === 1)) end++;
  for (let axis = end; axis < shape.length; axis++) if (own(axis)) return null;
  const length = sizeOf(shape.slice(end));
  return length === 1 ? { length: period, period: null } : { length, period };
}
