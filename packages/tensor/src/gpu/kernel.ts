/**
 * Sizes of up to three axes, slowest first, as in the index `a[z][y][x]` of a kernel's source: [n], [rows, columns] or
 * [planes, rows, columns].
 */
export type Dims = readonly [number] | readonly [number, number] | readonly [number, number, number];

/**
 * One call of a kernel in gpu.js' language: a function whose `return` is one element of the output, run once for each.
 *
 * The source is a string, never a function: compilers and coverage tools rewrite functions. Sizes stand in it as numbers, so
 * that loops have literal bounds (others are cut off, see {@link checkSource}) and a kernel is compiled for its shapes.
 * Numbers within a kernel are single precision: an index that is kept in a variable is exact up to 2^24 only.
 */
export interface Kernel {
  /** The op and what of it, for messages: "conv2d weight gradient". */
  readonly name: string;
  /** How each argument is read. An array may be read under any dims of its length. */
  readonly inputs: readonly Dims[];
  readonly output: Dims;
  /** `function (a, b) { return a[this.thread.y][this.thread.x]; }`, without arrow functions. */
  readonly source: string;
}

/**
 * One call of a kernel written in WGSL, where gpu.js' language has no words for it (memory shared by a workgroup). Bindings of
 * group 0: the inputs from 0 on, read-only, then the output, all `array<f32>`. The entry point is `main`.
 */
export interface WgslKernel {
  readonly name: string;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly wgsl: string;
  readonly workgroups: readonly [number, number, number];
}

export const lengthOf = (dims: Dims): number => dims.reduce((n: number, size) => n * size, 1);

/** Up to here every whole number has its own f32, so indices kept in variables are exact. */
export const LARGEST_EXACT: number = 2 ** 24;

/** What WebGPU starts along each axis, by the standard. */
export const MOST_WORKGROUPS: number = 65_535;

/** Arguments that every device takes: 8 storage buffers with the output. */
export const MOST_INPUTS = 7;

const EXACT_LOOP = /for ?\(let \w+ = \d+; \w+ < \d+; \w+(\+\+| \+= \d+)\)/g;

/**
 * Refuses sources that would silently compute something else: gpu.js cuts a loop off at a number of turns unless its bounds
 * are literals.
 */
export function checkSource(source: string): string | null {
  if (!/^function ?\(/.test(source)) return "it does not begin with `function (`";
  if (/=>/.test(source)) return "it holds an arrow function";
  if (/\bwhile\b|\bdo\b/.test(source)) return "it holds a while loop, which is cut off silently";
  const loops = source.match(/\bfor\b/g)?.length ?? 0;
  if (loops !== (source.match(EXACT_LOOP)?.length ?? 0)) return "the bounds of a loop are not literals: write `for (let i = 0; i < 10; i++)`";
  return null;
}
