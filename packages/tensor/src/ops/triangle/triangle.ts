import { apply } from "../../apply.ts";
import { ArgumentError, ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { formatShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";

interface Diagonal {
  readonly k: number;
}

/** Keeps the elements (row, column) of each matrix for which `keeps(column - row, k)`; the others become 0, whatever they were. */
function triangle(name: string, keeps: (distance: number, k: number) => boolean): Primitive<Diagonal> {
  const op: Primitive<Diagonal> = {
    kind: "primitive",
    name,
    dtype: ([x]) => x,
    shape: ([x], { k }) => {
      if (x.length < 2) throw new ShapeError(name, `x is ${formatShape(x)}. It needs matrices: at least two axes.`, [x]);
      if (!Number.isInteger(k)) throw new ArgumentError(name, `k is ${k}. It must be a whole number, the diagonal: 0 the main one, above it positive.`);
      return x;
    },
    saves: [],
    nan: "propagates",
    reference: (out, [x], { shape, attrs: { k } }) => {
      const [rows, columns] = shape.slice(-2) as [number, number];
      for (let i = 0; i < out.length; i++) out[i] = keeps((i % columns) - (Math.floor(i / columns) % rows), k) ? x[i] : 0;
    },
    derivative: (dOut, { attrs }) => [apply(op, [dOut], attrs)],
  };
  return op;
}

export const trilOp: Primitive<Diagonal> = triangle("tril", (distance, k) => distance <= k);
export const triuOp: Primitive<Diagonal> = triangle("triu", (distance, k) => distance >= k);

/**
 * The lower triangle of each matrix: zeros above diagonal k.
 *
 * @param x [..., rows, columns], any dtype
 * @throws ShapeError for fewer than two axes
 * @example
 * import { ones, tril } from "@llr/tensor";
 * tril(ones([3, 3])).toArray() // => [1, 0, 0, 1, 1, 0, 1, 1, 1]
 * tril(ones([2, 3]), { k: 1 }).toArray() // => [1, 1, 0, 1, 1, 1]
 */
export function tril(x: Tensor, options: { readonly k?: number } = {}): Tensor {
  const { k = 0 } = optionsOf("tril", options);
  return apply(trilOp, [x], { k });
}

/**
 * The upper triangle of each matrix: zeros below diagonal k.
 *
 * @param x [..., rows, columns], any dtype
 * @throws ShapeError for fewer than two axes
 * @example
 * import { ones, triu } from "@llr/tensor";
 * triu(ones([2, 3]), { k: 1 }).toArray() // => [0, 1, 1, 0, 0, 1]
 */
export function triu(x: Tensor, options: { readonly k?: number } = {}): Tensor {
  const { k = 0 } = optionsOf("triu", options);
  return apply(triuOp, [x], { k });
}
