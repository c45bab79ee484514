import { apply } from "../../apply.ts";
import { ones } from "../../create.ts";
import type { Numbers } from "../../dtype.ts";
import { ArgumentError, ShapeError } from "../../errors.ts";
import type { Fused } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { conv2dOp } from "../conv2d/conv2d.ts";
import { add } from "../elementwise/add.ts";
import { exp } from "../elementwise/exp.ts";
import { log } from "../elementwise/log.ts";
import { mul } from "../elementwise/mul.ts";
import { reshape } from "../shape/reshape.ts";

export interface LrnAttrs {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

/** out[n, c, p] = sum of f over the channels from c - before to c + after, as far as there are. */
function sumOverChannels(out: Float64Array, [batch, channels, ...rest]: Shape, before: number, after: number, f: (i: number) => number): void {
  const pixels = sizeOf(rest);
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++) {
      const [first, last] = [Math.max(0, c - before), Math.min(channels - 1, c + after)];
      for (let p = 0; p < pixels; p++) {
        let total = 0;
        for (let j = first; j <= last; j++) total += f((n * channels + j) * pixels + p);
        out[(n * channels + c) * pixels + p] = total;
      }
    }
}

/** What x is divided by, before it is raised to beta. */
function divisors(x: Numbers, shape: Shape, { size, alpha, k }: LrnAttrs): Float64Array {
  const d = new Float64Array(x.length);
  sumOverChannels(d, shape, Math.floor(size / 2), Math.floor((size - 1) / 2), (i) => x[i] * x[i]);
  for (let i = 0; i < d.length; i++) d[i] = k + (alpha / size) * d[i];
  return d;
}

export const localResponseNormOp: Fused<LrnAttrs> = {
  kind: "fused",
  name: "localResponseNorm",
  shape: ([x], { size, alpha, beta, k }) => {
    if (x.length < 3) throw new ShapeError("localResponseNorm", `the input is ${formatShape(x)}. It needs [batch, channels, ...pixels].`, [x]);
    if (!Number.isSafeInteger(size) || size < 1) throw new ArgumentError("localResponseNorm", `size is ${size}. It must be a whole number of channels >= 1.`);
    if (![alpha, beta, k].every(Number.isFinite)) throw new ArgumentError("localResponseNorm", `alpha, beta and k are ${alpha}, ${beta}, ${k}. They must be finite.`);
    return x;
  },
  saves: [0],
  nan: "propagates",
  definition: ([x], { size, alpha, beta, k }) => {
    const [batch, channels, ...rest] = x.shape;
    const pixels = sizeOf(rest);
    const squares = reshape(mul(x, x), [batch, 1, channels, pixels]);
    const attrs = { stride: [1, 1], dilation: [1, 1], groups: 1, padding: [Math.floor(size / 2), 0], paddingAfter: [Math.floor((size - 1) / 2), 0] };
    const sums = batch * channels * pixels === 0 ? squares : apply(conv2dOp, [squares, ones([1, 1, size, 1], { dtype: x.dtype })], attrs);
    return mul(x, exp(mul(log(add(mul(reshape(sums, x.shape), alpha / size), k)), -beta)));
  },
  reference: {
    forward: (out, [x], { shapes: [shape], attrs }) => {
      const d = divisors(x, shape, attrs);
      for (let i = 0; i < out.length; i++) out[i] = x[i] * d[i] ** -attrs.beta;
    },
    /** dx = dy d^-beta - 2 alpha beta / size x times the sum of dy x d^(-beta - 1) over the channels whose windows hold x's. */
    backward: ([dx], dy, [x], _output, { shapes: [shape], attrs }) => {
      const { size, alpha, beta } = attrs;
      const d = divisors(x, shape, attrs);
      const sums = new Float64Array(x.length);
      sumOverChannels(sums, shape, Math.floor((size - 1) / 2), Math.floor(size / 2), (i) => dy[i] * x[i] * d[i] ** (-beta - 1));
      for (let i = 0; i < x.length; i++) dx![i] = dy[i] * d[i] ** -beta - ((2 * alpha * beta) / size) * x[i] * sums[i];
    },
  },
};

export interface LocalResponseNormOptions {
  /** Channels of a window. */
  readonly size: number;
  /** Default 1e-4. */
  readonly alpha?: number;
  /** Default 0.75. */
  readonly beta?: number;
  /** Default 1. */
  readonly k?: number;
}

/**
 * Local response normalisation (Krizhevsky, Sutskever and Hinton 2012, section 3.3), with the mean over the window where the
 * paper has the sum, as PyTorch:
 *
 *     y[c] = x[c] / (k + alpha / size * sum over j of x[j]^2)^beta      c - floor(size / 2) <= j <= c + floor((size - 1) / 2)
 *
 * @param x [batch, channels, ...pixels]
 * @returns as x
 * @throws ShapeError for fewer than three axes; ArgumentError unless size is a whole number >= 1
 * @example
 * import { localResponseNorm, tensor } from "@llr/tensor";
 * localResponseNorm(tensor([[[1], [2], [4]]]), { size: 2, alpha: 2, beta: 1, k: 0 }).toArray() // => [1, 0.4, 0.2]
 */
export function localResponseNorm(x: Tensor, options: LocalResponseNormOptions): Tensor {
  const { size, alpha = 1e-4, beta = 0.75, k = 1 } = optionsOf("localResponseNorm", options);
  return apply(localResponseNormOp, [x], { size, alpha, beta, k });
}
