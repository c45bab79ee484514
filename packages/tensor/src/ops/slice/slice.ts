import { apply } from "../../apply.ts";
import { ArgumentError, ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { checkList, optionsOf } from "../../options.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, resolveAxis } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { rows } from "../shape/rows.ts";
import { type Box, putRuns, runsOf, takeRuns } from "./runs.ts";

export type SliceAttrs = Box;

export const sliceOp: Primitive<SliceAttrs> = {
  kind: "primitive",
  name: "slice",
  dtype: ([x]) => x,
  shape: ([x], { counts }) => {
    if (counts.length !== x.length) throw new ShapeError("slice", `${counts.length} counts for ${formatShape(x)}. The record's attributes name every axis; slice() fills them in.`, [x]);
    return counts;
  },
  saves: [],
  nan: "propagates",
  reference: (out, [x], { shapes: [shape], attrs }) => {
    takeRuns(out, x, runsOf(shape, attrs));
  },
  derivative: (dOut, { inputs: [x], attrs }) => [apply(unsliceOp, [dOut], { ...attrs, shape: x.shape })],
};

/** The entries put back in place among zeros: derivative of `slice`, which is its derivative in turn. */
export const unsliceOp: Primitive<SliceAttrs & { readonly shape: Shape }> = {
  kind: "primitive",
  name: "unslice",
  shape: (_, { shape }) => shape,
  saves: [],
  nan: "propagates",
  reference: (out, [x], { attrs }) => {
    out.fill(0);
    putRuns(out, x, runsOf(attrs.shape, attrs));
  },
  derivative: (dOut, { attrs: { starts, steps, counts } }) => [apply(sliceOp, [dOut], { starts, steps, counts })],
};

export interface SliceOptions {
  /** First entry along each of `axes`. */
  readonly starts: readonly number[];
  /** The entry before which to stop, going in the direction of the step. */
  readonly ends: readonly number[];
  /** Default: the first axes, as many as there are starts. */
  readonly axes?: readonly number[];
  /** Not 0; negative steps go backwards. Default 1. */
  readonly steps?: readonly number[];
}

/**
 * Every `step`-th entry from `start` (included) to `end` (excluded) along each named axis, as x[start:end:step] in Python:
 * a negative start or end counts from the end of the axis, and one beyond the axis means as far as it goes. Backwards, an
 * end below -size goes on to the first entry. Whole rows in steps of 1 are a view; everything else is copied.
 *
 * @param x any dtype
 * @throws ArgumentError for a step of 0, an axis that does not exist or is named twice, or lists of different lengths
 * @example
 * import { slice, tensor } from "@llr/tensor";
 * const x = tensor([[0, 1, 2, 3], [4, 5, 6, 7]]);
 * slice(x, { starts: [1], ends: [-1], axes: [1] }).toArray() // => [1, 2, 5, 6]
 * slice(x, { starts: [-1, 3], ends: [-9, -9], steps: [-1, -3] }).toArray() // => [7, 4, 3, 0]
 */
export function slice(x: Tensor, options: SliceOptions): Tensor {
  checkTensor("slice", x);
  const { starts, ends } = optionsOf("slice", options);
  checkList("slice", "starts", starts);
  checkList("slice", "ends", ends);
  const { axes = starts.map((_, i) => i), steps = starts.map(() => 1) } = options;
  checkList("slice", "axes", axes);
  checkList("slice", "steps", steps);
  const { shape } = x;
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length)
    throw new ArgumentError("slice", `${starts.length} starts, ${ends.length} ends, ${axes.length} axes and ${steps.length} steps. It needs as many of each.`);
  const named = axes.map((axis) => resolveAxis("slice", axis, shape.length));
  const attrs = { starts: shape.map(() => 0), steps: shape.map(() => 1), counts: [...shape] };
  named.forEach((axis, i) => {
    if (named.indexOf(axis) !== i) throw new ArgumentError("slice", `axes [${axes.join(", ")}] name the same axis twice.`);
    const range = rangeOf(starts[i], ends[i], steps[i], shape[axis]);
    attrs.starts[axis] = range.start;
    attrs.steps[axis] = steps[i];
    attrs.counts[axis] = range.count;
  });
  const isRows = shape.length > 0 && shape.every((n, axis) => attrs.steps[axis] === 1 && (axis === 0 || attrs.counts[axis] === n));
  return isRows ? rows(x, attrs.starts[0], attrs.starts[0] + attrs.counts[0]) : apply(sliceOp, [x], attrs);
}

/** Python's rules: from the end when negative, then clamped to the axis. */
function rangeOf(start: number, end: number, step: number, size: number): { start: number; count: number } {
  if (!Number.isSafeInteger(step) || step === 0) throw new ArgumentError("slice", `the step is ${step}. It must be a whole number other than 0.`);
  const [lowest, highest] = step > 0 ? [0, size] : [-1, size - 1];
  const clamp = (place: number): number => {
    if (Number.isNaN(place) || (Number.isFinite(place) && !Number.isInteger(place))) throw new ArgumentError("slice", `the range runs from ${start} to ${end}. Both must be whole numbers.`);
    return Math.min(Math.max(place < 0 ? place + size : place, lowest), highest);
  };
  const [from, to] = [clamp(start), clamp(end)];
  const count = Math.max(0, Math.ceil((to - from) / step));
  return { start: count === 0 ? 0 : from, count };
}
