import type { Numbers } from "../../dtype.ts";
import type { Shape } from "../../shape.ts";
import { offsets, stridesOf } from "../../shape.ts";

/** A line of numbers along one axis: `start`, `start + step`, ... , `count` of them. */
export interface Line {
  start: number;
  readonly step: number;
  readonly count: number;
}

/** Visits every line of a tensor along `axis`. The same object is handed out each time. */
export function forEachLine(shape: Shape, axis: number, visit: (line: Line) => void): void {
  const strides = stridesOf(shape);
  const others = shape.map((_, i) => i).filter((i) => i !== axis);
  const starts = offsets(others.map((i) => shape[i]), others.map((i) => strides[i]));
  const line: Line = { start: 0, step: strides[axis], count: shape[axis] };
  for (const start of starts) {
    line.start = start;
    visit(line);
  }
}

/** Maximum of a line and the sum of e^(x - maximum): with the maximum subtracted first nothing overflows. */
export function logSumExpParts(x: Numbers, { start, step, count }: Line): { max: number; total: number } {
  let max = -Infinity;
  for (let i = 0, p = start; i < count; i++, p += step) if (!(x[p] <= max)) max = x[p]; // a NaN becomes the maximum
  let total = 0;
  for (let i = 0, p = start; i < count; i++, p += step) total += Math.exp(x[p] - max);
  return { max, total };
}
