// Smooth activations made of the logistic function: softplus, logSigmoid, silu, mish. And softsign.
import { apply } from "../../apply.ts";
import { ArgumentError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { abs, sign } from "./abs.ts";
import { add } from "./add.ts";
import { div } from "./div.ts";
import { map, plain } from "./map.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { square } from "./powers.ts";
import { sigmoid } from "./sigmoid.ts";
import { sub } from "./sub.ts";
import { tanh } from "./tanh.ts";

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
/** log(1 + e^x); as it stands here nothing overflows. */
export const softplusOf = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

export const softplusOp: Primitive<{ readonly beta: number }> = map<{ readonly beta: number }>({
  name: "softplus",
  f: (x, { beta }) => softplusOf(beta * x) / beta,
  slope: (x, { beta }) => sigmoid(mul(x, beta)),
});

export const logSigmoidOp: Primitive<null> = map({ name: "logSigmoid", f: (x) => -softplusOf(-x), slope: (x) => sigmoid(neg(x)) });

/**
 * log(1 + e^(beta x)) / beta, elementwise: relu with a rounded corner. Derivative sigmoid(beta x).
 *
 * @param beta default 1
 * @throws ArgumentError if beta is 0 or not finite
 * @example
 * import { softplus, tensor } from "@llr/tensor";
 * softplus(tensor([-1000, 0, 1000])).toArray() // => [0, 0.69315, 1000]
 */
export function softplus(x: Tensor, options: { readonly beta?: number } = {}): Tensor {
  const { beta = 1 } = optionsOf("softplus", options);
  checkTensor("softplus", x);
  if (!Number.isFinite(beta) || beta === 0) throw new ArgumentError("softplus", `beta is ${beta}. It needs a finite number other than 0.`);
  return apply(softplusOp, [x], { beta });
}

/**
 * log(sigmoid(x)), elementwise, where sigmoid itself would be 0 too. Derivative sigmoid(-x).
 *
 * @example
 * import { logSigmoid, tensor } from "@llr/tensor";
 * logSigmoid(tensor([-1000, 0])).toArray() // => [-1000, -0.69315]
 */
export const logSigmoid: (x: Tensor) => Tensor = plain(logSigmoidOp);

export const siluOp: Primitive<null> = map({ name: "silu", f: (x) => x / (1 + Math.exp(-x)), slope: (x) => plain(siluSlopeOp)(x) });

/** s (1 + x (1 - s)), where s is sigmoid(x); its derivative is s (1 - s) (2 + x (1 - 2 s)). */
export const siluSlopeOp: Primitive<null> = map({
  name: "siluSlope",
  f: (x) => logistic(x) * (1 + x * logistic(-x)),
  slope: (x) => {
    const [s, rest] = [sigmoid(x), sigmoid(neg(x))];
    return mul(mul(s, rest), add(2, mul(x, sub(rest, s))));
  },
});

/**
 * x sigmoid(x), elementwise; also called swish.
 *
 * @example
 * import { silu, tensor } from "@llr/tensor";
 * silu(tensor([-1, 0, 1])).toArray() // => [-0.26894, 0, 0.73106]
 */
export const silu: (x: Tensor) => Tensor = plain(siluOp);

export const mishOp: Primitive<null> = map({ name: "mish", f: (x) => x * Math.tanh(softplusOf(x)), slope: (x) => plain(mishSlopeOp)(x) });

/** t + x (1 - t^2) s, where s is sigmoid(x) and t = tanh(softplus(x)). */
export const mishSlopeOp: Primitive<null> = map({
  name: "mishSlope",
  f: (x) => {
    const t = Math.tanh(softplusOf(x));
    return t + x * (1 - t * t) * logistic(x);
  },
  // t' (2 + x (1 - s - 2 t s)), where t' = (1 - t^2) s
  slope: (x) => {
    const s = sigmoid(x);
    const t = tanh(softplus(x));
    return mul(mul(sub(1, square(t)), s), add(2, mul(x, sub(sub(1, s), mul(mul(t, s), 2)))));
  },
});

/**
 * x tanh(softplus(x)), elementwise.
 *
 * Misra 2019, https://arxiv.org/abs/1908.08681
 *
 * @example
 * import { mish, tensor } from "@llr/tensor";
 * mish(tensor([-1, 0, 1])).toArray() // => [-0.3034, 0, 0.86510]
 */
export const mish: (x: Tensor) => Tensor = plain(mishOp);

export const softsignOp: Primitive<null> = map({ name: "softsign", f: (x) => x / (1 + Math.abs(x)), slope: (x) => plain(softsignSlopeOp)(x) });

/** 1 / (1 + |x|)^2. */
export const softsignSlopeOp: Primitive<null> = map({
  name: "softsignSlope",
  f: (x) => 1 / (1 + Math.abs(x)) ** 2,
  slope: (x) => {
    const size = add(1, abs(x));
    return div(mul(sign(x), -2), mul(square(size), size));
  },
});

/**
 * x / (1 + |x|), elementwise. Derivative 1 / (1 + |x|)^2.
 *
 * @example
 * import { softsign, tensor } from "@llr/tensor";
 * softsign(tensor([-1, 0, 3])).toArray() // => [-0.5, 0, 0.75]
 */
export const softsign: (x: Tensor) => Tensor = plain(softsignOp);
