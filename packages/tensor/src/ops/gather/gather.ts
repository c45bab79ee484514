import { apply } from "../../apply.ts";
import { tensor } from "../../create.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import type { Shape } from "../../shape.ts";
import { resolveAxis, sizeOf } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { mul } from "../elementwise/mul.ts";
import { floatAndIndices } from "../pick/pick.ts";
import { copyRun } from "../slice/runs.ts";
import { anyAndIndices, checkIndices } from "./indices.ts";

export interface GatherAttrs {
  readonly axis: number;
  /** An entry of the axis that counts as a constant: no gradient goes to it. */
  readonly constant: number | null;
}

/** Sizes before the axis, of the axis, and after it. */
export const around = (shape: Shape, axis: number): [number, number, number] => [sizeOf(shape.slice(0, axis)), shape[axis], sizeOf(shape.slice(axis + 1))];

export const gatherOp: Primitive<GatherAttrs> = {
  kind: "primitive",
  name: "gather",
  dtype: anyAndIndices("gather"),
  shape: ([x, indices], { axis }) => [...x.slice(0, axis), ...indices, ...x.slice(axis + 1)],
  saves: [1],
  nan: "propagates",
  reference: (out, [x, indices], { shapes: [shape], attrs: { axis } }) => {
    const [outer, size, inner] = around(shape, axis);
    for (let o = 0, to = 0; o < outer; o++)
      for (let i = 0; i < indices.length; i++, to += inner) {
        const entry = indices[i] < 0 ? indices[i] + size : indices[i];
        copyRun(out, to, x, (o * size + entry) * inner, inner);
      }
  },
  derivative: (dOut, { inputs: [x, indices], attrs }) => [apply(addAtOp, [dOut, indices], { ...attrs, shape: x.shape }), null],
};

/**
 * Entries of an axis added up where `indices` put them, among zeros; those for the constant entry are left out: derivative
 * of `gather`. The terms of each sum are added in the order of the indices, in double precision.
 */
export const addAtOp: Primitive<GatherAttrs & { readonly shape: Shape }> = {
  kind: "primitive",
  name: "addAt",
  dtype: floatAndIndices("addAt"),
  shape: (_, { shape }) => shape,
  saves: [1],
  nan: "propagates",
  reference: (out, [x, indices], { attrs: { axis, constant, shape } }) => {
    const [outer, size, inner] = around(shape, axis);
    const { first, next } = groups(indices, size);
    const sums = new Float64Array(inner);
    out.fill(0);
    for (let o = 0; o < outer; o++)
      for (let entry = 0; entry < size; entry++) {
        if (first[entry] < 0 || entry === constant) continue;
        sums.fill(0);
        for (let i = first[entry]; i >= 0; i = next[i])
          for (let k = 0, from = (o * indices.length + i) * inner; k < inner; k++) sums[k] += x[from + k];
        for (let k = 0, to = (o * size + entry) * inner; k < inner; k++) out[to + k] = sums[k];
      }
  },
  derivative: (d, { inputs: [, indices], attrs: { axis, constant, shape } }) => [
    apply(gatherOp, [constant === null ? d : mul(d, allBut(constant, axis, shape, d.dtype)), indices], { axis, constant: null }), null,
  ],
};

/** For each entry the positions of the indices that name it, in ascending order, as a linked list that ends with -1. */
function groups(indices: ArrayLike<number>, size: number): { first: Int32Array; next: Int32Array } {
  const first = new Int32Array(size).fill(-1);
  const next = new Int32Array(indices.length);
  for (let i = indices.length - 1; i >= 0; i--) {
    const entry = indices[i] < 0 ? indices[i] + size : indices[i];
    next[i] = first[entry];
    first[entry] = i;
  }
  return { first, next };
}

/** Ones along an axis with a zero at one entry, of a shape that broadcasts. */
const allBut = (entry: number, axis: number, shape: Shape, dtype: Tensor["dtype"]): Tensor =>
  tensor(Float64Array.from({ length: shape[axis] }, (_, i) => Number(i !== entry)), { shape: shape.slice(axis).map((n, i) => (i === 0 ? n : 1)), dtype });

/**
 * The entries of an axis that `indices` name, in that order: axis `axis` of x is replaced by the axes of `indices` (NumPy's
 * `take`). A negative index counts from the end. Entries named several times get the sum of the gradients.
 *
 * @param x any dtype, at least one axis
 * @param indices i32 in [-size, size) of any shape
 * @returns [...x.shape before the axis, ...indices.shape, ...x.shape after it]
 * @throws ArgumentError for an index out of range
 * @example
 * import { gather, tensor } from "@llr/tensor";
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * gather(x, tensor(Int32Array.of(2, 0, -1)), { axis: 1 }).toArray() // => [3, 1, 3, 6, 4, 6]
 * gather(x, tensor(Int32Array.of(2))) // throws index 2 at position 0 is outside [-2, 2)
 */
export function gather(x: Tensor, indices: Tensor, options: { readonly axis?: number } = {}): Tensor {
  const { axis = 0 } = optionsOf("gather", options);
  checkTensor("gather", x);
  checkTensor("gather", indices);
  const along = resolveAxis("gather", axis, x.shape.length);
  checkIndices("gather", indices, x.shape[along], -x.shape[along]);
  return apply(gatherOp, [x, indices], { axis: along, constant: null });
}
