// Shapes, and the rules by which ops combine them. Every rule throws before anything is computed, naming the op.
import { ArgumentError, ShapeError } from "./errors.ts";
import { describe } from "./format.ts";

/** Sizes of the axes, outermost first. `[]` is a scalar; a size may be 0. */
export type Shape = readonly number[];

export const sizeOf = (shape: Shape): number => {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
};

export const formatShape = (shape: Shape): string => `[${shape.join(", ")}]`;

export const sameShape = (a: Shape, b: Shape): boolean => a === b || (a.length === b.length && a.every((n, i) => n === b[i]));

const isSize = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;

export function isShape(value: unknown): value is Shape {
  if (!Array.isArray(value)) return false;
  for (let axis = 0; axis < value.length; axis++) if (!isSize(value[axis])) return false;
  return true;
}

/** Refuses anything but non-negative integers. */
export function checkShape(op: string, shape: Shape): void {
  if (!Array.isArray(shape)) throw new ShapeError(op, `the shape is ${String(shape)}. It needs an array of sizes, such as [2, 3].`, []);
  for (const n of shape)
    if (!isSize(n))
      throw new ShapeError(op, `shape ${formatShape(shape)} has the size ${n}. Sizes are whole numbers >= 0.`, [shape]);
}

/** Elements to step over to advance by one along each axis of a contiguous tensor. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** The broadcast shape of two, aligned at the last axis: equal sizes match, and a 1 (or a missing axis) stretches. */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    if (m !== n && m !== 1 && n !== 1)
      throw new ShapeError(
        op,
        `shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: sizes ${m} and ${n} at axis ${-i}. Aligned at the last axis, two sizes must be equal or one of them 1.`,
        [a, b],
      );
    out[rank - i] = m === 1 ? n : m;
  }
  return out;
}

/** Strides with which a tensor of `shape` is read as if it had the broadcast shape `target`: 0 along stretched axes. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const own = stridesOf(shape);
  const missing = target.length - shape.length;
  return target.map((n, axis) => (axis < missing || (shape[axis - missing] === 1 && n !== 1) ? 0 : own[axis - missing]));
}

/** A negative axis counts from the end. */
export function resolveAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw new ArgumentError(op, `axis ${axis} of a tensor with ${rank} ${rank === 1 ? "axis" : "axes"}. It must lie in [${-rank}, ${rank}).`);
  return axis < 0 ? axis + rank : axis;
}

/** `null` means all axes; the result is ascending and without repeats. */
export function resolveAxes(op: string, axes: number | readonly number[] | null | undefined, rank: number): number[] {
  if (axes === null || axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  if (typeof axes !== "number" && !Array.isArray(axes)) throw new ArgumentError(op, `axes are ${describe(axes)}. It needs an axis or an array of them.`);
  const resolved = (typeof axes === "number" ? [axes] : axes).map((axis) => resolveAxis(op, axis, rank));
  if (new Set(resolved).size !== resolved.length) throw new ArgumentError(op, `axes [${[axes].flat().join(", ")}] name the same axis twice.`);
  return resolved.sort((a, b) => a - b);
}

/** Shape after reducing over `axes` (resolved). */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  if (keepDims) return shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  return shape.filter((_, axis) => !axes.includes(axis));
}

/**
 * Offsets of all index combinations of `shape` under `strides`, in row-major order. Reference kernels walk any layout
 * with it: an outer loop over the offsets of the rows, an inner loop along one axis.
 */
export function offsets(shape: Shape, strides: readonly number[]): Int32Array {
  const out = new Int32Array(sizeOf(shape));
  if (out.length === 0) return out;
  // Grown axis by axis from the last: the block of offsets of the inner axes is repeated with a shift.
  let filled = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const stride = strides[axis];
    for (let i = 1; i < shape[axis]; i++)
      for (let j = 0; j < filled; j++) out[i * filled + j] = out[j] + i * stride;
    filled *= shape[axis];
  }
  return out;
}

/** A pair [vertical, horizontal]; one number stands for both. */
export type Pair = readonly [number, number];

export function resolvePair(op: string, name: string, value: number | Pair, minimum: number): Pair {
  const pair: Pair = typeof value === "number" ? [value, value] : value;
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((n) => Number.isSafeInteger(n) && n >= minimum))
    throw new ArgumentError(op, `${name} is ${describe(value)}. It must be a whole number >= ${minimum}, or a pair of them (vertical, horizontal).`);
  return pair;
}
