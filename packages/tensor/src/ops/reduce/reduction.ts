import type { Numbers } from "../../dtype.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import type { Shape } from "../../shape.ts";
import { offsets, reducedShape, resolveAxes, sizeOf, stridesOf } from "../../shape.ts";
import { shapeOf, type Tensor } from "../../tensor.ts";
import { broadcastTo } from "../shape/broadcastTo.ts";
import { reshape } from "../shape/reshape.ts";
import { sumSimd } from "./reductionSimd.ts";

export interface ReduceOptions {
  /** Axes to reduce over, negative ones counted from the end; default (or null): all. */
  readonly axes?: number | readonly number[] | null;
  /** Keep reduced axes with size 1. Default false. */
  readonly keepDims?: boolean;
}

/** Attributes with the axes resolved. */
export interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

export function resolveReduction(op: string, x: Tensor, options: ReduceOptions): Reduction {
  const { axes, keepDims = false } = optionsOf(op, options);
  return { axes: resolveAxes(op, axes, shapeOf(op, x).length), keepDims };
}

/** Record of a sum over axes times a factor that depends on the number of terms. */
export function scaledSum(name: string, factor: (count: number) => number, derivative: Primitive<Reduction>["derivative"]): Primitive<Reduction> {
  return {
    kind: "primitive",
    name,
    shape: ([x], { axes, keepDims }) => reducedShape(x, axes, keepDims),
    saves: [],
    nan: "propagates",
    reference: (out, [x], { shapes: [shape], attrs: { axes } }) => sumKernel(out, x, shape, axes, factor),
    simd: sumSimd(factor),
    derivative,
  };
}

function sumKernel(out: Numbers, x: Numbers, shape: Shape, axes: readonly number[], factor: (count: number) => number): void {
  const { starts, terms } = walk(shape, axes);
  const scale = factor(terms.length);
  for (let o = 0; o < starts.length; o++) {
    let total = 0; // double precision: float32 partial sums of a million terms lose three digits
    for (let i = 0; i < terms.length; i++) total += x[starts[o] + terms[i]];
    out[o] = total * scale;
  }
}

/** Every output starts at the offset of its kept indices and visits the offsets of the reduced ones. */
export function walk(shape: Shape, axes: readonly number[]): { readonly starts: Int32Array; readonly terms: Int32Array } {
  const strides = stridesOf(shape);
  const pick = (wanted: boolean): Int32Array => {
    const chosen = shape.map((_, axis) => axis).filter((axis) => axes.includes(axis) === wanted);
    return offsets(chosen.map((axis) => shape[axis]), chosen.map((axis) => strides[axis]));
  };
  return { starts: pick(false), terms: pick(true) };
}

/** Number of terms of each sum. */
export const countOf = (shape: Shape, axes: readonly number[]): number => sizeOf(axes.map((axis) => shape[axis]));

/** A gradient of the reduced shape, spread over the reduced axes. */
export const spread = (dOut: Tensor, shape: Shape, axes: readonly number[]): Tensor =>
  broadcastTo(reshape(dOut, reducedShape(shape, axes, true)), shape);
