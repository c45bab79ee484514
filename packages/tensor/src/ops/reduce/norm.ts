import { apply } from "../../apply.ts";
import type { Numbers } from "../../dtype.ts";
import { ArgumentError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { reducedShape } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { equal } from "../compare/compare.ts";
import { abs, sign } from "../elementwise/abs.ts";
import { div } from "../elementwise/div.ts";
import { mul } from "../elementwise/mul.ts";
import { pow } from "../elementwise/pow.ts";
import { sub } from "../elementwise/sub.ts";
import { where } from "../where/where.ts";
import { max } from "./max.ts";
import type { ReduceOptions, Reduction } from "./reduction.ts";
import { resolveReduction, spread, walk } from "./reduction.ts";
import { sum } from "./sum.ts";

export interface Norm extends Reduction {
  readonly p: number;
}

export const normOp: Primitive<Norm> = {
  kind: "primitive",
  name: "norm",
  shape: ([x], { axes, keepDims }) => reducedShape(x, axes, keepDims),
  saves: [0, "output"],
  nan: "propagates",
  reference: (out, [x], { shapes: [shape], attrs: { axes, p } }) => {
    const { starts, terms } = walk(shape, axes);
    for (let o = 0; o < starts.length; o++) out[o] = normOf(x, starts[o], terms, p);
  },
  derivative: (dOut, saved) => {
    const { inputs: [x], output, attrs } = saved;
    const { p, axes } = attrs;
    const over = (t: Tensor): Tensor => spread(t, x.shape, axes);
    if (p === 2) return [mul(over(dOut), apply(directionOp, [x, output], attrs))];
    if (p === 1) return [mul(over(dOut), sign(x))];
    // |x|^(p-1) / norm^(p-1), as the power of a ratio, which does not overflow.
    const isZero = equal(x, 0);
    const ratio = where(isZero, 1, div(abs(x), over(where(equal(output, 0), 1, output))));
    return [mul(over(dOut), where(isZero, 0, mul(sign(x), pow(ratio, p - 1))))];
  },
};

/** The largest number is taken out, so that powers neither overflow nor vanish. */
function normOf(x: Numbers, start: number, terms: Int32Array, p: number): number {
  let largest = 0;
  for (let i = 0; i < terms.length; i++) largest = Math.max(largest, Math.abs(x[start + terms[i]]));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let total = 0;
  for (let i = 0; i < terms.length; i++) {
    const part = Math.abs(x[start + terms[i]]) / largest;
    total += p === 1 ? part : p === 2 ? part * part : part ** p;
  }
  return largest * (p === 1 ? total : p === 2 ? Math.sqrt(total) : total ** (1 / p));
}

/** x / norm(x), 0 for the zero vector; the norm is computed anew, for the one given may have overflowed float32. */
export const directionOp: Primitive<Norm> = {
  kind: "primitive",
  name: "direction",
  shape: ([x]) => x,
  saves: [0, 1],
  nan: "propagates",
  reference: (out, [x], { shapes: [shape], attrs: { axes, p } }) => {
    const { starts, terms } = walk(shape, axes);
    for (let o = 0; o < starts.length; o++) {
      const size = normOf(x, starts[o], terms, p);
      for (let i = 0; i < terms.length; i++) out[starts[o] + terms[i]] = size === 0 ? 0 : x[starts[o] + terms[i]] / size;
    }
  },
  // (d - u (u . d)) / norm: what is across the direction u. As a function of x alone; the norm is not another variable.
  derivative: (dOut, { inputs: [x, size], attrs }) => {
    const { axes } = attrs;
    const direction = apply(directionOp, [x, size], attrs);
    const along = sum(mul(dOut, direction), { axes: [...axes], keepDims: true });
    const isZero = equal(size, 0);
    const over = (t: Tensor): Tensor => spread(t, x.shape, axes);
    return [where(over(isZero), 0, div(sub(dOut, mul(direction, along)), over(where(isZero, 1, size)))), null];
  },
};

/**
 * (sum |x|^p)^(1/p) over axes. Of the zero vector it is 0, and so is its derivative there, as PyTorch.
 *
 * @param p 2 (default) for the Euclidean norm, 1, Infinity for the largest magnitude, or any other positive number
 * @throws ArgumentError for an axis that does not exist or is named twice, or p that is not positive
 * @example
 * import { norm, tensor } from "@llr/tensor";
 * norm(tensor([3e30, 4e30])).item() / 1e30 // => 5
 * norm(tensor([3, -4]), { p: 1 }).item() // => 7
 */
export function norm(x: Tensor, options: ReduceOptions & { readonly p?: number } = {}): Tensor {
  const { p = 2, ...rest } = optionsOf("norm", options);
  checkTensor("norm", x);
  if (!(p > 0)) throw new ArgumentError("norm", `p is ${p}. It needs a positive number, or Infinity.`);
  const attrs = resolveReduction("norm", x, rest);
  if (p === Infinity && x.size > 0) return max(abs(x), rest);
  return apply(normOp, [x], { ...attrs, p });
}
