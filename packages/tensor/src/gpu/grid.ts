// Which thread computes which element: shapes of any rank on the three axes that a kernel has, and the places in the arrays
// from which it reads, written into the kernel's source.
import { NoKernelError } from "../errors.ts";
import type { Shape } from "../shape.ts";
import { sizeOf } from "../shape.ts";
import type { Dims, Kernel } from "./kernel.ts";
import { LARGEST_EXACT, MOST_WORKGROUPS } from "./kernel.ts";
import { withFunctions } from "./functions.ts";
import { exactQuotient, quotient } from "./source.ts";

/** An axis, and how far each of several arrays goes on at a step along it. */
export interface Axis {
  readonly size: number;
  readonly strides: readonly number[];
}

/** Axes of one element vanish, and neighbours along which every array runs on evenly become one. */
export function collapse(shape: Shape, strides: readonly (readonly number[])[]): readonly Axis[] {
  const axes: Axis[] = [];
  shape.forEach((size, i) => {
    if (size === 1) return;
    const own = strides.map((s) => s[i]);
    const previous = axes.at(-1);
    if (previous?.strides.every((stride, k) => stride === own[k] * size)) axes[axes.length - 1] = { size: previous.size * size, strides: own };
    else axes.push({ size, strides: own });
  });
  return axes;
}

/** Threads for an output, and the expressions of each axis' index. */
export interface Grid {
  readonly output: Dims;
  readonly indices: readonly string[];
  /** Statements before the expressions can stand; "" if they need none. */
  readonly prelude: string;
}

/** What WebGPU can start in workgroups of 8 x 8 x 1. */
const MOST_DEEP = MOST_WORKGROUPS;
const MOST_WIDE = 8 * MOST_WORKGROUPS;
/** Up to this a quotient is right although a driver's division may be off by 2.5 units in the last place. */
const SURE_TO_DIVIDE = 2 ** 20;

export function gridOf(all: readonly number[]): Grid {
  const { output, indices, prelude } = gridOfSome(all.filter((size) => size !== 1));
  let next = 0;
  return { output, indices: all.map((size) => (size === 1 ? "0" : indices[next++])), prelude };
}

function gridOfSome(sizes: readonly number[]): Grid {
  const rank = sizes.length;
  if (rank <= 1) return { output: [sizeOf(sizes)], indices: sizes.map(() => "this.thread.x"), prelude: "" };
  // The last axes are kept apart if they can: neighbours in a workgroup then read neighbours.
  for (const [first, second] of rank === 2 ? [[0, 1], [0, 0]] : cuts(rank)) {
    const groups = [sizes.slice(0, first), sizes.slice(first, second), sizes.slice(second)];
    const [z, y, x] = groups.map(sizeOf);
    if (z > MOST_DEEP || y > MOST_WIDE || x > MOST_WIDE) continue;
    const parts = groups.map((group, i) => split(`this.thread.${"zyx"[i]}`, group, "zyx"[i]));
    return { output: z > 1 ? [z, y, x] : [y, x], indices: parts.flatMap((p) => p.indices), prelude: parts.map((p) => p.prelude).join("") };
  }
  return { output: [sizeOf(sizes)], ...split("this.thread.x", sizes, "x") };
}

/** Where to cut the axes in three, the last parts as short as they can be. */
function* cuts(rank: number): Generator<readonly [number, number]> {
  for (let second = rank - 1; second > 0; second--) for (let first = second - 1; first >= 0; first--) yield [first, second];
}

/** The indices of several axes that lie on one axis of threads. */
function split(thread: string, sizes: readonly number[], letter: string): { readonly indices: readonly string[]; readonly prelude: string } {
  if (sizes.length <= 1) return { indices: sizes.map(() => thread), prelude: "" };
  const indices: string[] = [];
  let prelude = "";
  let rest = thread;
  for (let i = sizes.length - 1; i > 0; i--) {
    const [whole, index, n] = [`${letter}w${i}`, `${letter}${i}`, sizes[i]];
    prelude += sizeOf(sizes) > SURE_TO_DIVIDE ? exactQuotient(whole, rest, n) : `const ${whole} = ${quotient(rest, n)}; `;
    prelude += `const ${index} = ${rest} - ${whole} * ${n}; `;
    indices.unshift(index);
    rest = whole;
  }
  return { indices: [rest, ...indices], prelude };
}

/** The place `base + index * stride + ...`, to stand in square brackets: written out there, gpu.js counts in whole numbers. */
export function placeOf(indices: readonly string[], strides: readonly number[], base = 0): string {
  const terms = indices.flatMap((index, i) => (strides[i] === 0 || index === "0" ? [] : [`${strides[i] < 0 ? "-" : "+"} ${index}${Math.abs(strides[i]) === 1 ? "" : ` * ${Math.abs(strides[i])}`}`]));
  // Going backwards begins far in front: the base comes first, so that nothing on the way is negative.
  const text = [...(base === 0 ? [] : [String(base)]), ...terms].join(" ");
  return text === "" ? "0" : text.replace(/^\+ /, "");
}

/** An array that is read along the axes of the output. */
export interface Reading {
  readonly length: number;
  /** One for each axis of the output; 0 stays in place. */
  readonly strides: readonly number[];
  readonly base?: number;
}

/** Every element of the output from one element of each array: `expression` in a, b, c and so on. */
export function pointwise(name: string, shape: Shape, readings: readonly Reading[], expression: string): Kernel {
  const axes = collapse(shape, readings.map((r) => r.strides));
  const grid = gridOf(axes.map((axis) => axis.size));
  if (grid.prelude !== "") refuseInexact(name, readings.map((r) => r.length));
  const reads = readings.map(({ base = 0 }, k) => `const ${"abcdefg"[k]} = p${k}[${placeOf(grid.indices, axes.map((axis) => axis.strides[k]), base)}]; `);
  return {
    name,
    inputs: readings.map((r) => [r.length] as const),
    output: grid.output,
    source: `function (${readings.map((_, k) => `p${k}`).join(", ")}) { ${withFunctions(`${grid.prelude}${reads.join("")}return ${expression};`)} }`,
  };
}

/** Where indices are kept in variables they are single precision, and so are the places computed of them. */
export function refuseInexact(name: string, lengths: readonly number[]): void {
  const tooLong = lengths.find((n) => n > LARGEST_EXACT);
  if (tooLong !== undefined) throw new NoKernelError(name, `an input has ${tooLong} elements; the kernel counts up to ${LARGEST_EXACT} (2^24), for it indexes in single precision. Use a smaller batch.`);
}

/** Before the first of several kernels: refuses an output that the last would be too wide for. */
export function refuseWide(name: string, ...extents: readonly number[]): void {
  const widest = Math.max(...extents);
  if (widest > MOST_WIDE) throw new NoKernelError(name, `${widest} threads are needed along one axis; a device starts up to ${MOST_WIDE}. Use a smaller batch or smaller images.`);
}

/** A number in a kernel's source, as a device's single precision has it. */
export function literal(name: string, x: number): string {
  const y = Math.fround(x);
  if (!Number.isFinite(y)) throw new NoKernelError(name, `the number ${x} stands in the kernel, which holds finite numbers of single precision. Choose another, or compute it in memory.`);
  if (Math.abs(y) < 2 ** -126) return "0"; // devices have no smaller ones
  return y < 0 ? `(${y})` : String(y);
}
