import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import type { Tensor } from "../../tensor.ts";
import { add } from "./add.ts";
import { erfcOf } from "./erf.ts";
import { exp } from "./exp.ts";
import { map, plain } from "./map.ts";
import { mul } from "./mul.ts";
import { square } from "./powers.ts";
import { sub } from "./sub.ts";
import { tanh } from "./tanh.ts";

/** Distribution function and density of the normal distribution. */
const below = (x: number): number => 0.5 * erfcOf(-x * Math.SQRT1_2);
const DENSITY_AT_0 = 1 / Math.sqrt(2 * Math.PI);
const density = (x: number): number => DENSITY_AT_0 * Math.exp(-0.5 * x * x);

export const geluOp: Primitive<null> = map({ name: "gelu", f: (x) => x * below(x), slope: (x) => plain(geluSlopeOp)(x) });

/** P(x) + x p(x); its derivative is p(x) (2 - x^2). */
export const geluSlopeOp: Primitive<null> = map({
  name: "geluSlope",
  f: (x) => below(x) + x * density(x),
  slope: (x) => mul(mul(exp(mul(square(x), -0.5)), DENSITY_AT_0), sub(2, square(x))),
});

// gelu(x) = x/2 (1 + tanh(u)) with u = RATE (x + CUBIC x^3): Hendrycks and Gimpel 2016, section 2.
const RATE = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;
const bent = (x: number): number => Math.tanh(RATE * (x + CUBIC * x * x * x));

export const geluTanhOp: Primitive<null> = map({ name: "geluTanh", f: (x) => 0.5 * x * (1 + bent(x)), slope: (x) => plain(geluTanhSlopeOp)(x) });

export const geluTanhSlopeOp: Primitive<null> = map({
  name: "geluTanhSlope",
  f: (x) => {
    const t = bent(x);
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * RATE * (1 + 3 * CUBIC * x * x);
  },
  // (1 - t^2) (u' + x/2 (u'' - 2 t u'^2)), where t = tanh(u)
  slope: (x) => {
    const t = tanh(mul(mul(x, RATE), add(1, mul(square(x), CUBIC))));
    const u1 = mul(add(1, mul(square(x), 3 * CUBIC)), RATE);
    const u2 = mul(x, 6 * CUBIC * RATE);
    return mul(sub(1, square(t)), add(u1, mul(mul(x, 0.5), sub(u2, mul(mul(t, 2), square(u1))))));
  },
});

/**
 * x P(x), elementwise, where P is the normal distribution function; or its approximation by tanh.
 *
 * Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415
 *
 * @param approximate "tanh": x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), as GPT-2. Default "none"
 * @example
 * import { gelu, tensor } from "@llr/tensor";
 * gelu(tensor([-1, 1])).toArray() // => [-0.15866, 0.84134]
 * gelu(tensor([-1, 1]), { approximate: "tanh" }).toArray() // => [-0.15881, 0.84119]
 */
export function gelu(x: Tensor, options: { readonly approximate?: "none" | "tanh" } = {}): Tensor {
  const { approximate = "none" } = optionsOf("gelu", options);
  return plain(approximate === "tanh" ? geluTanhOp : geluOp)(x);
}
