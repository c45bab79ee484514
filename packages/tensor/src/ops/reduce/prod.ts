import { apply } from "../../apply.ts";
import { ones } from "../../create.ts";
import type { Fused } from "../../op.ts";
import { reducedShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { mul } from "../elementwise/mul.ts";
import { concat } from "../concat/concat.ts";
import { slice } from "../slice/slice.ts";
import { reshape } from "../shape/reshape.ts";
import { transpose } from "../shape/transpose.ts";
import type { ReduceOptions, Reduction } from "./reduction.ts";
import { countOf, resolveReduction, walk } from "./reduction.ts";

export const prodOp: Fused<Reduction> = {
  kind: "fused",
  name: "prod",
  shape: ([x], { axes, keepDims }) => reducedShape(x, axes, keepDims),
  saves: [0],
  nan: "propagates",
  definition: ([x], attrs) => productTree(x, attrs),
  reference: {
    forward: (out, [x], { shapes: [shape], attrs: { axes } }) => {
      const { starts, terms } = walk(shape, axes);
      for (let o = 0; o < starts.length; o++) {
        let product = 1;
        for (let i = 0; i < terms.length; i++) product *= x[starts[o] + terms[i]];
        out[o] = product;
      }
    },
    /** The product of all others, from those before and those after: a division would fail at 0. */
    backward: ([dx], dOut, [x], _output, { shapes: [shape], attrs: { axes } }) => {
      const { starts, terms } = walk(shape, axes);
      const after = new Float64Array(terms.length + 1);
      for (let o = 0; o < starts.length; o++) {
        after[terms.length] = 1;
        for (let i = terms.length - 1; i >= 0; i--) after[i] = after[i + 1] * x[starts[o] + terms[i]];
        let before = dOut[o];
        for (let i = 0; i < terms.length; i++) {
          dx![starts[o] + terms[i]] = before * after[i + 1];
          before *= x[starts[o] + terms[i]];
        }
      }
    },
  },
};

/** First half times second half, until one is left: products only, so zeros need no care at any order of derivative. */
function productTree(x: Tensor, { axes, keepDims }: Reduction): Tensor {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const shape = reducedShape(x.shape, axes, keepDims);
  const outer = countOf(x.shape, kept);
  let rest = reshape(transpose(x, [...kept, ...axes]), [outer, countOf(x.shape, axes)]);
  if (rest.shape[1] === 0) return ones(shape, { dtype: x.dtype });
  while (rest.shape[1] > 1) {
    if (rest.shape[1] % 2 === 1) rest = concat([rest, ones([outer, 1], { dtype: x.dtype })], { axis: 1 });
    const half = rest.shape[1] / 2;
    const part = (from: number): Tensor => slice(rest, { starts: [from], ends: [from + half], axes: [1] });
    rest = mul(part(0), part(half));
  }
  return reshape(rest, shape);
}

/**
 * Product over axes, in double precision. Over no elements it is 1. The derivative in each factor is the product of the
 * others, also where factors are 0.
 *
 * @throws ArgumentError for an axis that does not exist or is named twice
 * @example
 * import { prod, tensor } from "@llr/tensor";
 * prod(tensor([[1, 2], [3, 4]]), { axes: 1 }).toArray() // => [2, 12]
 */
export const prod = (x: Tensor, options: ReduceOptions = {}): Tensor => apply(prodOp, [x], resolveReduction("prod", x, options));
