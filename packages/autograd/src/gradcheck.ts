import type { Tensor } from "@llr/tensor";
import { ArgumentError, mul, scope, sum, tensor } from "@llr/tensor";
import { grad } from "./grad.ts";
import type { Parameter } from "./parameter.ts";

export interface GradcheckOptions {
  /** Half of the distance between the two evaluations. Default 1e-5: truncation about 1e-10, rounding about 1e-11. */
  readonly step?: number;
  /** Allowed error, relative to the largest derivative of the same input. Default 1e-6. */
  readonly tolerance?: number;
}

export interface Gradcheck {
  readonly ok: boolean;
  /** Largest error relative to the largest derivative of the same input. */
  readonly error: number;
  /** Where: input, element, and both values. */
  readonly worst: string;
}

/**
 * Compares the gradients of `fn` with central differences, (f(x + h) - f(x - h)) / 2h, in every element of every input.
 * A result with several numbers is first reduced with fixed weights. Costs two evaluations an element.
 *
 * @param fn computes a tensor from the parameters; must give the same result each time
 * @param inputs f64 parameters: in f32 central differences are good to 1e-3 only
 * @throws ArgumentError if a parameter is not f64
 * @example
 * import { gradcheck, parameter } from "@llr/autograd";
 * import { exp, mul } from "@llr/tensor";
 * const x = parameter([0.5, -1], { name: "x", dtype: "f64" });
 * gradcheck(() => mul(exp(x), x), [x]).ok // => true
 */
export function gradcheck(fn: () => Tensor, inputs: readonly Parameter[], { step = 1e-5, tolerance = 1e-6 }: GradcheckOptions = {}): Gradcheck {
  for (const input of inputs)
    if (input.dtype !== "f64") throw new ArgumentError("gradcheck", `${input.name} is ${input.dtype}. Central differences need f64: make it with { dtype: "f64" }.`);
  const value = (): number => scope(() => weighted(fn()).item());
  const exact = scope(() => grad(weighted(fn()), inputs).map((g) => g.toArray()));

  let worst = { error: 0, text: "no difference" };
  inputs.forEach((input, i) => {
    const scale = Math.max(1e-3, ...exact[i].map(Math.abs));
    input.data.forEach((x, j) => {
      const at = (shifted: number): number => {
        input.data[j] = shifted;
        return value();
      };
      const numeric = (at(x + step) - at(x - step)) / (2 * step);
      input.data[j] = x;
      const error = Math.abs(numeric - exact[i][j]) / scale;
      if (!(error <= worst.error)) worst = { error, text: `${input.name}[${j}]: backward ${exact[i][j]}, central difference ${numeric}` };
    });
  });
  return { ok: worst.error <= tolerance, error: worst.error, worst: worst.text };
}

/** Sum with weights that are all different, so that errors of two elements do not cancel. */
function weighted(t: Tensor): Tensor {
  const weights = Float64Array.from({ length: t.size }, (_, i) => 1 + Math.sin(i + 1));
  return sum(mul(t, tensor(weights, t.shape)));
}
