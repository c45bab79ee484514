// What layerNorm, groupNorm, instanceNorm and rmsNorm share: the numbers lie in rows, each normalised by statistics of its
// own, and weights that many rows have in common.
import type { Fused } from "../../op.ts";
import type { Shape } from "../../shape.ts";
import { add } from "../elementwise/add.ts";
import { div } from "../elementwise/div.ts";
import { mul } from "../elementwise/mul.ts";
import { sqrt } from "../elementwise/sqrt.ts";
import { sub } from "../elementwise/sub.ts";
import { mean } from "../reduce/mean.ts";
import { reshape } from "../shape/reshape.ts";

/** The input as [batch, groups, weights, pixels]: a row is one group of one batch entry, a weight belongs to all its pixels. */
export interface Rows {
  readonly batch: number;
  readonly groups: number;
  readonly weights: number;
  readonly pixels: number;
}

interface RowNorm<A> {
  /** `meanSquare`: rows keep their mean and are divided by the root of their mean square; no bias. */
  readonly statistics: "variance" | "meanSquare";
  /** Refuses shapes that do not fit. Inputs are x, weight and (unless meanSquare) bias. */
  check(shapes: readonly Shape[], attrs: A): void;
  rowsOf(x: Shape, attrs: A): Rows;
}

/** Record of y = (x - mean) / sqrt(variance + eps) * weight + bias, or of y = x / sqrt(mean square + eps) * weight. */
export function rowNorm<A extends { readonly eps: number }>(name: string, { statistics, check, rowsOf }: RowNorm<A>): Fused<A> {
  const centres = statistics === "variance";
  return {
    kind: "fused",
    name,
    shape: (shapes, attrs) => {
      check(shapes, attrs);
      return shapes[0];
    },
    /** Of each row the mean, then the inverse of the root. */
    aux: ([x], attrs) => {
      const { batch, groups } = rowsOf(x, attrs);
      return [{ shape: [batch * groups, 2], dtype: "f64" }];
    },
    saves: centres ? [0, 1, 2] : [0, 1],
    nan: "propagates",
    definition: ([x, weight, bias], attrs) => {
      const { batch, groups, weights, pixels } = rowsOf(x.shape, attrs);
      const rows = reshape(x, [batch * groups, weights * pixels]);
      const off = centres ? sub(rows, mean(rows, { axes: 1, keepDims: true })) : rows;
      const root = sqrt(add(mean(mul(off, off), { axes: 1, keepDims: true }), attrs.eps));
      const normal = mul(reshape(div(off, root), [batch, groups * weights, pixels]), reshape(weight, [groups * weights, 1]));
      return reshape(bias ? add(normal, reshape(bias, [groups * weights, 1])) : normal, x.shape);
    },
    reference: {
      forward: (out, [x, weight, bias], { shapes: [shape], attrs }, [stats]) => {
        const { batch, groups, weights, pixels } = rowsOf(shape, attrs);
        const length = weights * pixels;
        for (let row = 0; row < batch * groups; row++) {
          const start = row * length;
          let total = 0;
          for (let i = start; i < start + length; i++) total += x[i];
          const centre = centres ? total / length : 0;
          let squares = 0;
          for (let i = start; i < start + length; i++) squares += (x[i] - centre) * (x[i] - centre);
          const inverse = 1 / Math.sqrt(squares / length + attrs.eps);
          stats[2 * row] = centre;
          stats[2 * row + 1] = inverse;
          for (let k = 0, i = start, w = (row % groups) * weights; k < weights; k++, w++)
            for (const end = i + pixels; i < end; i++) out[i] = (x[i] - centre) * inverse * weight[w] + (bias === undefined ? 0 : bias[w]);
        }
      },
      /** With g = dy * weight and xn = (x - mean)/root: dx = (g - mean(g) - xn mean(g xn))/root, the first mean only if rows are centred. */
      backward: ([dx, dWeight, dBias], dy, [x, weight], _output, { shapes: [shape, weightShape], attrs }, [stats]) => {
        const { batch, groups, weights, pixels } = rowsOf(shape, attrs);
        const length = weights * pixels;
        const count = weightShape.reduce((a, b) => a * b, 1);
        const [weightSums, biasSums] = [new Float64Array(count), new Float64Array(count)];
        for (let row = 0; row < batch * groups; row++) {
          const start = row * length;
          const first = (row % groups) * weights;
          const [centre, inverse] = [stats[2 * row], stats[2 * row + 1]];
          let sum = 0;
          let products = 0;
          for (let k = 0, i = start; k < weights; k++) {
            let own = 0;
            let ownProducts = 0;
            for (const end = i + pixels; i < end; i++) {
              own += dy[i];
              ownProducts += dy[i] * (x[i] - centre) * inverse;
            }
            biasSums[first + k] += own;
            weightSums[first + k] += ownProducts;
            sum += own * weight[first + k];
            products += ownProducts * weight[first + k];
          }
          if (!dx) continue;
          const middle = centres ? sum / length : 0;
          const slope = (products / length) * inverse;
          for (let k = 0, i = start; k < weights; k++)
            for (const end = i + pixels; i < end; i++) dx[i] = (dy[i] * weight[first + k] - middle - (x[i] - centre) * slope) * inverse;
        }
        dWeight?.set(weightSums);
        dBias?.set(biasSums);
      },
    },
  };
}

