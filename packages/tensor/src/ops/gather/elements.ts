// One entry for each index: what `gather` does for whole entries of an axis, element by element.
import { apply } from "../../apply.ts";
import { zeros } from "../../create.ts";
import type { DType } from "../../dtype.ts";
import { isFloat } from "../../dtype.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, offsets, resolveAxis, sameShape, sizeOf, stridesOf } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { slice } from "../slice/slice.ts";
import { anyAndIndices, checkIndices } from "./indices.ts";

interface AlongAxis {
  readonly axis: number;
}

/** Indices may be fewer along other axes, and any number along the axis itself. */
function checkFit(op: string, x: Shape, indices: Shape, axis: number): void {
  if (indices.length !== x.length || indices.some((n, i) => i !== axis && n > x[i]))
    throw new ShapeError(op, `x is ${formatShape(x)}, the indices are ${formatShape(indices)}. They need as many axes, and no more indices than entries along any axis but ${axis}.`, [x, indices]);
}

interface Line {
  /** Places of the first element: in x, and in the indices. */
  readonly x: number;
  readonly index: number;
}

/** Every line of the indices along the axis, with the line of x to which it belongs. */
function* lines(x: Shape, indices: Shape, axis: number): Generator<Line> {
  const one = (shape: Shape): number[] => shape.map((n, i) => (i === axis ? 1 : n));
  const inX = offsets(one(indices), stridesOf(x));
  const inIndices = offsets(one(indices), stridesOf(indices));
  for (let i = 0; i < inX.length; i++) yield { x: inX[i], index: inIndices[i] };
}

export const gatherElementsOp: Primitive<AlongAxis> = {
  kind: "primitive",
  name: "gatherElements",
  dtype: anyAndIndices("gatherElements"),
  shape: ([x, indices], { axis }) => {
    checkFit("gatherElements", x, indices, axis);
    return indices;
  },
  saves: [1],
  nan: "propagates",
  reference: (out, [x, indices], { shapes: [shape, outShape], attrs: { axis } }) => {
    const [step, outStep, count] = [stridesOf(shape)[axis], stridesOf(outShape)[axis], outShape[axis]];
    for (const line of lines(shape, outShape, axis))
      for (let k = 0, i = line.index; k < count; k++, i += outStep) out[i] = x[line.x + indices[i] * step];
  },
  derivative: (dOut, { inputs: [x, indices], attrs }) => [apply(scatterAddOp, [zeros(x.shape, { dtype: dOut.dtype }), indices, dOut], attrs), null],
};

export const scatterAddOp: Primitive<AlongAxis> = {
  kind: "primitive",
  name: "scatterAdd",
  dtype: ([x, indices, source]: readonly DType[]): DType => {
    if (!isFloat(x) || source !== x || indices !== "i32") throw new DTypeError("scatterAdd", `inputs have the element types ${x}, ${indices}, ${source}. It needs two of f32 or two of f64, and i32 indices between them.`);
    return x;
  },
  shape: ([x, indices, source], { axis }) => {
    checkFit("scatterAdd", x, indices, axis);
    if (!sameShape(indices, source)) throw new ShapeError("scatterAdd", `the indices are ${formatShape(indices)}, the numbers to add ${formatShape(source)}. It needs a number for each index.`, [x, indices, source]);
    return x;
  },
  saves: [1],
  nan: "propagates",
  reference: (out, [x, indices, source], { shapes: [shape, inner], attrs: { axis } }) => {
    out.set(x);
    const [step, innerStep, count] = [stridesOf(shape)[axis], stridesOf(inner)[axis], inner[axis]];
    const sums = new Float64Array(shape[axis]);
    for (const line of lines(shape, inner, axis)) {
      for (let k = 0; k < sums.length; k++) sums[k] = x[line.x + k * step];
      for (let k = 0, i = line.index; k < count; k++, i += innerStep) sums[indices[i]] += source[i];
      for (let k = 0; k < sums.length; k++) out[line.x + k * step] = sums[k];
    }
  },
  derivative: (dOut, { inputs: [, indices], attrs, needs }) => [needs[0] ? dOut : null, null, needs[2] ? apply(gatherElementsOp, [dOut, indices], attrs) : null],
};

/**
 * out[..., i, ...] = x[..., indices[..., i, ...], ...] along one axis: an element for each index (PyTorch's `gather`).
 *
 * @param x any dtype, at least one axis
 * @param indices i32 in [0, size of the axis), as many axes as x, along others no longer than x
 * @returns the shape of the indices
 * @throws ArgumentError for an index out of range; ShapeError if the indices do not fit
 * @example
 * import { gatherElements, tensor } from "@llr/tensor";
 * const best = tensor([[2], [0]], { dtype: "i32" });
 * gatherElements(tensor([[1, 2, 3], [4, 5, 6]]), best, { axis: 1 }).toArray() // => [3, 4]
 */
export function gatherElements(x: Tensor, indices: Tensor, options: { readonly axis?: number } = {}): Tensor {
  const { axis = -1 } = optionsOf("gatherElements", options);
  checkTensor("gatherElements", x);
  checkTensor("gatherElements", indices);
  const along = resolveAxis("gatherElements", axis, x.shape.length);
  checkIndices("gatherElements", indices, x.shape[along], 0);
  return apply(gatherElementsOp, [x, indices], { axis: along });
}

/**
 * x with `source[..., i, ...]` added to element `indices[..., i, ...]` along one axis. What meets at one place is added up in
 * the order of the indices, in double precision.
 *
 * @param x f32 or f64, at least one axis
 * @param indices i32 in [0, size of the axis), as many axes as x, along others no longer than x
 * @param source the dtype of x; at least as long as the indices along each axis, what is beyond them is not used
 * @returns the shape of x
 * @throws ArgumentError for an index out of range; ShapeError if the shapes do not fit
 * @example
 * import { scatterAdd, tensor } from "@llr/tensor";
 * scatterAdd(tensor([0, 0, 1]), tensor(Int32Array.of(2, 0, 2)), tensor([10, 20, 30])).toArray() // => [20, 0, 41]
 */
export function scatterAdd(x: Tensor, indices: Tensor, source: Tensor, options: { readonly axis?: number } = {}): Tensor {
  const { axis = -1 } = optionsOf("scatterAdd", options);
  checkTensor("scatterAdd", x);
  checkTensor("scatterAdd", indices);
  checkTensor("scatterAdd", source);
  const along = resolveAxis("scatterAdd", axis, x.shape.length);
  checkIndices("scatterAdd", indices, x.shape[along], 0);
  return apply(scatterAddOp, [x, indices, upTo(indices.shape, source)], { axis: along });
}

/** The first elements of each axis, when there are more than asked for. */
function upTo(shape: Shape, t: Tensor): Tensor {
  const isLonger = t.shape.length === shape.length && sizeOf(t.shape) !== sizeOf(shape) && t.shape.every((n, i) => n >= shape[i]);
  return isLonger ? slice(t, { starts: shape.map(() => 0), ends: shape }) : t;
}
