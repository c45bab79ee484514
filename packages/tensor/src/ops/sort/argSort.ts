import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { resolveAxis, stridesOf } from "../../shape.ts";
import { shapeOf, type Tensor } from "../../tensor.ts";
import { forEachLine } from "../softmax/lines.ts";

interface ArgSort {
  readonly axis: number;
  readonly descending: boolean;
}

export const argSortOp: Primitive<ArgSort> = {
  kind: "primitive",
  name: "argSort",
  dtype: () => "i32",
  shape: ([x]) => x,
  saves: [],
  nan: "compares",
  reference: (out, [x], { shapes: [shape], attrs: { axis, descending } }) => {
    const step = stridesOf(shape)[axis];
    const order = new Int32Array(shape[axis]);
    forEachLine(shape, axis, ({ start }) => {
      for (let i = 0; i < order.length; i++) order[i] = i;
      const compare = (i: number, j: number): number => ascending(x[start + i * step], x[start + j * step]);
      order.sort(descending ? (i, j) => compare(j, i) || i - j : (i, j) => compare(i, j) || i - j);
      for (let i = 0; i < order.length; i++) out[start + i * step] = order[i];
    });
  },
  derivative: { refuse: "its result is an index" },
};

/** NaN counts as larger than every number. */
function ascending(x: number, y: number): number {
  if (x < y) return -1;
  if (x > y) return 1;
  return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
}

export interface SortOptions {
  /** Default: the last. */
  readonly axis?: number;
  /** Default false. */
  readonly descending?: boolean;
}

/**
 * The indices that sort an axis, as i32. Equal elements keep their order, in either direction; NaN counts as larger than
 * every number (as PyTorch).
 *
 * @param x any dtype, at least one axis
 * @throws ArgumentError for an axis that does not exist
 * @example
 * import { argSort, tensor } from "@llr/tensor";
 * argSort(tensor([3, 1, 2, 1])).toArray() // => [1, 3, 2, 0]
 */
export function argSort(x: Tensor, options: SortOptions = {}): Tensor {
  const { axis = -1, descending = false } = optionsOf("argSort", options);
  return apply(argSortOp, [x], { axis: resolveAxis("argSort", axis, shapeOf("argSort", x).length), descending });
}
