import { apply } from "../../apply.ts";
import { ones, zeros } from "../../create.ts";
import { ArgumentError, ShapeError } from "../../errors.ts";
import type { Fused } from "../../op.ts";
import { checkList, optionsOf } from "../../options.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sameShape, sizeOf } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import type { Rows } from "./rowNorm.ts";
import { rowNorm } from "./rowNorm.ts";

export interface LayerNormAttrs {
  readonly normalizedShape: Shape;
  readonly eps: number;
}

/** The last axes of x must be the normalised ones, and so must the weights. */
function checkLast(op: string, [x, ...weights]: readonly Shape[], { normalizedShape }: LayerNormAttrs): void {
  if (normalizedShape.length === 0) throw new ShapeError(op, "normalizedShape is []. It needs at least one axis.", [x]);
  const last = x.slice(Math.max(0, x.length - normalizedShape.length));
  if (!sameShape(last, normalizedShape)) throw new ShapeError(op, `the input is ${formatShape(x)}, normalizedShape ${formatShape(normalizedShape)}. The last axes of the input must be normalizedShape.`, [x, normalizedShape]);
  for (const shape of weights)
    if (!sameShape(shape, normalizedShape)) throw new ShapeError(op, `weight and bias have the shapes ${weights.map(formatShape).join(", ")}, normalizedShape is ${formatShape(normalizedShape)}. They must be equal.`, [x, shape]);
}

/** Rows of layerNorm and rmsNorm. */
export function lastAxes(x: Shape, { normalizedShape }: LayerNormAttrs): Rows {
  return { batch: sizeOf(x.slice(0, x.length - normalizedShape.length)), groups: 1, weights: sizeOf(normalizedShape), pixels: 1 };
}

export const layerNormOp: Fused<LayerNormAttrs> = rowNorm("layerNorm", { statistics: "variance", check: (shapes, attrs) => checkLast("layerNorm", shapes, attrs), rowsOf: lastAxes });
export const rmsNormOp: Fused<LayerNormAttrs> = rowNorm("rmsNorm", { statistics: "meanSquare", check: (shapes, attrs) => checkLast("rmsNorm", shapes, attrs), rowsOf: lastAxes });

export interface NormOptions {
  /** A factor for each normalised number (or channel); default (or null): 1. */
  readonly weight?: Tensor | null;
  /** Added to each normalised number (or channel); default (or null): 0. */
  readonly bias?: Tensor | null;
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
}

export function checkEps(op: string, eps: number): number {
  if (!(eps >= 0 && Number.isFinite(eps))) throw new ArgumentError(op, `eps is ${eps}. It must be a number >= 0.`);
  return eps;
}

function asShape(op: string, shape: number | Shape): Shape {
  if (typeof shape === "number") return [shape];
  checkList(op, "normalizedShape", shape);
  return [...shape];
}

/**
 * Layer normalisation (Ba, Kiros and Hinton 2016): every row minus its mean, divided by its standard deviation. A row is
 * all numbers along the last axes, those of `normalizedShape`.
 *
 *     y = (x - mean) / sqrt(var + eps) * weight + bias          var = mean of (x - mean)^2
 *
 * @param x [..., ...normalizedShape]
 * @param normalizedShape the last axes, or one number for the last one; weight and bias have this shape
 * @returns as x
 * @throws ShapeError if the last axes are others
 * @example
 * import { layerNorm, tensor } from "@llr/tensor";
 * layerNorm(tensor([[1, 3], [10, 30]]), 2, { eps: 0 }).toArray() // => [-1, 1, -1, 1]
 */
export function layerNorm(x: Tensor, normalizedShape: number | Shape, options: NormOptions = {}): Tensor {
  const { weight, bias, eps = 1e-5 } = optionsOf("layerNorm", options);
  checkTensor("layerNorm", x);
  const shape = asShape("layerNorm", normalizedShape);
  return apply(layerNormOp, [x, weight ?? ones(shape, { dtype: x.dtype }), bias ?? zeros(shape, { dtype: x.dtype })], { normalizedShape: shape, eps: checkEps("layerNorm", eps) });
}

/**
 * Root mean square normalisation (Zhang and Sennrich 2019): layerNorm that leaves the mean alone.
 *
 *     y = x / sqrt(mean of x^2 + eps) * weight
 *
 * @param x [..., ...normalizedShape]
 * @param normalizedShape the last axes, or one number for the last one; weight has this shape
 * @param options eps: default the distance from 1 to the next number (1.2e-7 in f32), as PyTorch
 * @returns as x
 * @throws ShapeError if the last axes are others
 * @example
 * import { rmsNorm, tensor } from "@llr/tensor";
 * rmsNorm(tensor([[1, 7], [3, 3]]), 2).toArray() // => [0.2, 1.4, 1, 1]
 */
export function rmsNorm(x: Tensor, normalizedShape: number | Shape, options: Omit<NormOptions, "bias"> = {}): Tensor {
  checkTensor("rmsNorm", x);
  const { weight, eps = x.dtype === "f64" ? 2 ** -52 : 2 ** -23 } = optionsOf("rmsNorm", options);
  const shape = asShape("rmsNorm", normalizedShape);
  return apply(rmsNormOp, [x, weight ?? ones(shape, { dtype: x.dtype })], { normalizedShape: shape, eps: checkEps("rmsNorm", eps) });
}
