// Lines along one axis as pieces of kernel sources, for softmax and what is made of it.
import type { DeviceBuffer } from "../../device.ts";
import { refuseWide } from "../../gpu/grid.ts";
import type { Dims } from "../../gpu/kernel.ts";
import type { Run } from "../../gpu/kernels.ts";
import { isInfiniteSource, isNaNSource, nanSource, quotient } from "../../gpu/source.ts";
import type { Shape } from "../../shape.ts";
import { sizeOf } from "../../shape.ts";

export interface AlongAxis {
  readonly axis: number;
}

/** A tensor as [outer, count, inner], where the axis in the middle is the one along which lines run. */
export interface Lines {
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

/** @throws NoKernelError for more lines or longer ones than a device has threads along an axis */
export function linesOf(op: string, shape: Shape, { axis }: AlongAxis): Lines {
  const lines = { outer: sizeOf(shape.slice(0, axis)), count: shape[axis], inner: sizeOf(shape.slice(axis + 1)) };
  refuseWide(op, lines.outer * lines.inner, lines.count * lines.inner);
  return lines;
}

/** The thread's line, and the place of its number `k` in it. */
export const line = ({ inner }: Lines): string => (inner === 1 ? "const o = this.thread.x;" : `const o = ${quotient("this.thread.x", inner)}; const i = this.thread.x - o * ${inner};`);
export const place = ({ inner }: Lines): string => (inner === 1 ? "[o][k]" : "[o][k][i]");
export const dimsOf = ({ outer, count, inner }: Lines): Dims => (inner === 1 ? [outer, count] : [outer, count, inner]);

/**
 * Maximum of each line, then the sum of e^(x - maximum): [2, lines]. Both are NaN where there is one among the numbers, and where
 * the maximum is infinite: drivers make a number of e^(infinity - infinity).
 */
export function lineParts(run: Run, name: string, x: DeviceBuffer, lines: Lines): DeviceBuffer {
  const { outer, count, inner } = lines;
  const source = `function (a) {
  ${line(lines)}
  let max = a${place(lines).replace("k", "0")};
  let found = 0;
  let nan = 0;
  for (let k = 0; k < ${count}; k++) {
    const v = a${place(lines)};
    if (${isNaNSource("v")}) { found = 1; nan = v; }
    else if (v > max) { max = v; }
  }
  if (found < 1 && ${isInfiniteSource("max")}) { found = 1; nan = ${nanSource("max")}; }
  let total = 0;
  for (let k = 0; k < ${count}; k++) total += Math.exp(a${place(lines)} - max);
  if (found > 0) { max = nan; total = nan; }
  return this.thread.y < 1 ? max : total;
}`;
  return run({ name: `${name} maxima`, inputs: [dimsOf(lines)], output: [2, outer * inner], source }, [x]);
}

/** An expression for every number: `v` of the first array (and `u` of the second), and its line `l` of the parts `s`. */
export function everyNumber(run: Run, name: string, { outer, count, inner }: Lines, arrays: readonly DeviceBuffer[], parts: DeviceBuffer, expression: string): DeviceBuffer {
  const rows: Dims = [outer, count * inner];
  const l = inner === 1 ? "this.thread.y" : `this.thread.y * ${inner} + this.thread.x - ${quotient("this.thread.x", inner)} * ${inner}`;
  const second = arrays.length > 1 ? "const u = b[this.thread.y][this.thread.x];" : "";
  const source = `function (${["a", "b"].slice(0, arrays.length).join(", ")}, s) { const l = ${l}; const v = a[this.thread.y][this.thread.x]; ${second} return ${expression}; }`;
  const lines = outer * inner;
  return run({ name, inputs: [...arrays.map(() => rows), parts.length === lines ? [lines] : [2, lines]], output: rows, source }, [...arrays, parts]);
}
