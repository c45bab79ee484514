import { apply } from "../../apply.ts";
import { ArgumentError, ShapeError } from "../../errors.ts";
import type { Primitive, View } from "../../op.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";

interface Range {
  readonly start: number;
  readonly end: number;
}

export const rowsOp: View<Range> = {
  kind: "view",
  name: "rows",
  dtype: ([x]) => x,
  shape: ([x], { start, end }) => {
    if (x.length === 0) throw new ShapeError("rows", "the tensor is a scalar. It needs at least one axis.", [x]);
    if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start || end > x[0])
      throw new ArgumentError("rows", `rows ${start} to ${end} of ${formatShape(x)}. Needs whole numbers with 0 <= start <= end <= ${x[0]}.`);
    return [end - start, ...x.slice(1)];
  },
  offset: ([x], { start }) => start * sizeOf(x.slice(1)),
  saves: [],
  nan: "propagates",
  derivative: (dOut, { inputs: [x], attrs }) => [apply(padRowsOp, [dOut], { ...attrs, count: x.shape[0] })],
};

/**
 * Entries `start` (included) to `end` (excluded) of the first axis, without a copy.
 *
 * @throws ArgumentError if the range leaves the axis
 * @example
 * import { rows, tensor } from "@llr/tensor";
 * rows(tensor([[1, 2], [3, 4], [5, 6]]), 1, 3).toArray() // => [3, 4, 5, 6]
 */
export const rows = (x: Tensor, start: number, end: number): Tensor => apply(rowsOp, [x], { start, end });

/** The rows put back in place among zeros: derivative of `rows`, which is its derivative in turn. */
export const padRowsOp: Primitive<Range & { readonly count: number }> = {
  kind: "primitive",
  name: "padRows",
  shape: ([x], { count }) => [count, ...x.slice(1)],
  saves: [],
  nan: "propagates",
  reference: (out, [x], { shape, attrs: { start } }) => {
    out.fill(0);
    out.set(x, start * sizeOf(shape.slice(1)));
  },
  derivative: (dOut, { attrs: { start, end } }) => [rows(dOut, start, end)],
};
