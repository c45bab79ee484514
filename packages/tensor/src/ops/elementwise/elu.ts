// Exponential below 0 and straight above: elu, selu and celu are one function with other constants.
import { apply } from "../../apply.ts";
import { ArgumentError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { map } from "./map.ts";

/** above x for x > 0, else below (e^(rate x) - 1). */
export interface Bend {
  readonly above: number;
  readonly below: number;
  readonly rate: number;
}

const bend = (name: string): Primitive<Bend> =>
  map<Bend>({ name, f: (x, { above, below, rate }) => (x > 0 ? above * x : below * Math.expm1(rate * x)), slope: (x, { above, below, rate }) => apply(bendSlopeOp, [x], { above, below: below * rate, rate }) });

/** above for x > 0, else below e^(rate x): the derivative, and with above = 0 the next one, and so on. */
export const bendSlopeOp: Primitive<Bend> = map<Bend>({
  name: "bendSlope",
  f: (x, { above, below, rate }) => (x > 0 ? above : below * Math.exp(rate * x)),
  slope: (x, { below, rate }) => apply(bendSlopeOp, [x], { above: 0, below: below * rate, rate }),
});

export const eluOp: Primitive<Bend> = bend("elu");
export const seluOp: Primitive<Bend> = bend("selu");
export const celuOp: Primitive<Bend> = bend("celu");

interface AlphaOptions {
  /** Default 1. */
  readonly alpha?: number;
}

/**
 * x for x > 0, else alpha (e^x - 1); elementwise. Derivative 1 or alpha e^x; at 0 it is alpha, as PyTorch.
 *
 * Clevert, Unterthiner, Hochreiter 2016, https://arxiv.org/abs/1511.07289
 *
 * @throws ArgumentError if alpha is not finite
 * @example
 * import { elu, tensor } from "@llr/tensor";
 * elu(tensor([-1000, 0, 2]), { alpha: 0.5 }).toArray() // => [-0.5, 0, 2]
 */
export function elu(x: Tensor, options: AlphaOptions = {}): Tensor {
  const { alpha = 1 } = optionsOf("elu", options);
  checkTensor("elu", x);
  if (!Number.isFinite(alpha)) throw new ArgumentError("elu", `alpha is ${alpha}. It needs a finite number.`);
  return apply(eluOp, [x], { above: 1, below: alpha, rate: 1 });
}

// Klambauer et al. 2017, equation 14: with these, mean 0 and variance 1 are a fixed point.
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/**
 * 1.0507 elu(x) with alpha 1.6733, elementwise: keeps mean 0 and variance 1 from layer to layer.
 *
 * Klambauer, Unterthiner, Mayr, Hochreiter 2017, https://arxiv.org/abs/1706.02515
 *
 * @example
 * import { selu, tensor } from "@llr/tensor";
 * selu(tensor([-1000, 1])).toArray() // => [-1.7581, 1.0507]
 */
export const selu = (x: Tensor): Tensor => apply(seluOp, [x], { above: SELU_SCALE, below: SELU_SCALE * SELU_ALPHA, rate: 1 });

/**
 * x for x > 0, else alpha (e^(x / alpha) - 1); elementwise. Derivative 1 or e^(x / alpha): it has no kink.
 *
 * Barron 2017, https://arxiv.org/abs/1704.07483
 *
 * @throws ArgumentError if alpha is 0 or not finite
 * @example
 * import { celu, tensor } from "@llr/tensor";
 * celu(tensor([-1000, 0, 2]), { alpha: 0.5 }).toArray() // => [-0.5, 0, 2]
 */
export function celu(x: Tensor, options: AlphaOptions = {}): Tensor {
  const { alpha = 1 } = optionsOf("celu", options);
  checkTensor("celu", x);
  if (!Number.isFinite(alpha) || alpha === 0) throw new ArgumentError("celu", `alpha is ${alpha}. It needs a finite number other than 0.`);
  return apply(celuOp, [x], { above: 1, below: alpha, rate: 1 / alpha });
}
