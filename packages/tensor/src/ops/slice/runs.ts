// A box of entries inside a larger tensor, as runs of neighbouring numbers: what slicing, joining and padding copy.
import type { Numbers } from "../../dtype.ts";
import type { Shape } from "../../shape.ts";
import { offsets, sizeOf, stridesOf } from "../../shape.ts";

/** For every axis: the first entry, the distance to the next (negative: backwards), and how many. All within the axis. */
export interface Box {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly counts: readonly number[];
}

export interface Runs {
  /** Where each run begins in the larger tensor; in the box they follow each other. */
  readonly places: Int32Array;
  readonly length: number;
}

/** The runs of a box inside a tensor of the given shape, as long as they can be. */
export function runsOf(shape: Shape, { starts, steps, counts }: Box): Runs {
  const strides = stridesOf(shape);
  // Axes behind `first` are taken whole and in order; of axis `first` - 1 neighbours are still neighbours if its step is 1.
  let first = shape.length;
  while (first > 0 && steps[first - 1] === 1 && counts[first - 1] === shape[first - 1]) first--;
  if (first > 0 && steps[first - 1] === 1) first--;
  let base = 0;
  for (let axis = 0; axis < shape.length; axis++) base += starts[axis] * strides[axis];
  const places = offsets(counts.slice(0, first), strides.slice(0, first).map((stride, axis) => stride * steps[axis]));
  for (let i = 0; i < places.length; i++) places[i] += base;
  return { places, length: sizeOf(counts.slice(first)) };
}

/** Copying a view of an array costs as much as so many numbers one by one. */
const WORTH_A_VIEW = 32;

export function copyRun(to: Numbers, toStart: number, from: Numbers, fromStart: number, length: number): void {
  if (length >= WORTH_A_VIEW) to.set(from.subarray(fromStart, fromStart + length), toStart);
  else for (let i = 0; i < length; i++) to[toStart + i] = from[fromStart + i];
}

/** The numbers of the box, one run after the other. */
export function takeRuns(out: Numbers, x: Numbers, { places, length }: Runs): void {
  if (length === 1) for (let i = 0; i < out.length; i++) out[i] = x[places[i]];
  else for (let i = 0; i < places.length; i++) copyRun(out, i * length, x, places[i], length);
}

/** The reverse: puts the numbers into the box; what is outside keeps its value. */
export function putRuns(out: Numbers, x: Numbers, { places, length }: Runs): void {
  if (length === 1) for (let i = 0; i < x.length; i++) out[places[i]] = x[i];
  else for (let i = 0; i < places.length; i++) copyRun(out, places[i], x, i * length, length);
}
