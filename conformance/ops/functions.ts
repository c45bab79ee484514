// Elementwise functions, choices, reductions and losses in the kit's words.
import type { Tensor } from "@llr/tensor";
import {
  abs, acos, acosh, argMin, asin, asinh, atan, atan2, atanh, bceLoss, bceWithLogits, cbrt, ceil, celu, clip, cos, cosh, cosineSimilarity, crossEntropy, cumSum, elu, erf, exp2, expm1, floor, gelu, hardSigmoid, hardSwish, huberLoss, isFinite, isNaN, klDivLoss, l1Loss, leakyRelu, log10, log1p, log2,
  logSigmoid, logSumExp, max, maximum, min, minimum, mish, mseLoss, nllLoss, norm, pow, prelu, prod, reciprocal, relu6, round, rsqrt, selu, sign, silu, sin, sinh, smoothL1Loss, softplus, softsign, square, std, tan, trunc, variance, where,
} from "@llr/tensor";

type Attributes = Readonly<Record<string, unknown>>;
type KitOp = (inputs: readonly Tensor[], attrs: Attributes) => Tensor | Tensor[];

/** Of the kit's attributes those that are there, as options of ours. */
const some = <K extends string>(attrs: Attributes, ...names: K[]): { [P in K]: never } => Object.fromEntries(names.filter((name) => attrs[name] !== undefined && attrs[name] !== null).map((name) => [name, attrs[name]])) as { [P in K]: never };

const unary = (f: (x: Tensor) => Tensor): KitOp => ([x]) => f(x);
const binary = (f: (a: Tensor, b: Tensor) => Tensor): KitOp => ([a, b]) => f(a, b);
const reduction = (f: (x: Tensor, options: object) => Tensor): KitOp => ([x], attrs) => f(x, some(attrs, "axes", "keepDims", "p", "ddof"));

export const functionOps: Readonly<Record<string, KitOp>> = {
  abs: unary(abs), sign: unary(sign), expm1: unary(expm1), exp2: unary(exp2), log1p: unary(log1p), log2: unary(log2), log10: unary(log10), rsqrt: unary(rsqrt), cbrt: unary(cbrt), square: unary(square), reciprocal: unary(reciprocal),
  sin: unary(sin), cos: unary(cos), tan: unary(tan), asin: unary(asin), acos: unary(acos), atan: unary(atan), sinh: unary(sinh), cosh: unary(cosh), asinh: unary(asinh), acosh: unary(acosh), atanh: unary(atanh),
  erf: unary(erf), logSigmoid: unary(logSigmoid), relu6: unary(relu6), selu: unary(selu), silu: unary(silu), mish: unary(mish), softsign: unary(softsign), hardSigmoid: unary(hardSigmoid), hardSwish: unary(hardSwish),
  floor: unary(floor), ceil: unary(ceil), round: unary(round), trunc: unary(trunc), isNaN: unary(isNaN), isFinite: unary(isFinite),
  elu: ([x], attrs) => elu(x, some(attrs, "alpha")),
  celu: ([x], attrs) => celu(x, some(attrs, "alpha")),
  gelu: ([x], attrs) => gelu(x, some(attrs, "approximate")),
  softplus: ([x], attrs) => softplus(x, some(attrs, "beta")),
  leakyRelu: ([x], attrs) => leakyRelu(x, some(attrs, "slope")),
  prelu: binary(prelu),
  clip: ([x], attrs) => clip(x, some(attrs, "min", "max")),
  pow: binary(pow), maximum: binary(maximum), minimum: binary(minimum), atan2: binary(atan2),
  argMin: ([x], attrs) => argMin(x, some(attrs, "axis", "keepDims")),
  cumSum: ([x], attrs) => cumSum(x, some(attrs, "axis")),
  max: reduction(max), min: reduction(min), prod: reduction(prod), norm: reduction(norm), logSumExp: reduction(logSumExp), var: reduction(variance), std: reduction(std),
  crossEntropy: ([logits, target, weight], attrs) => crossEntropy(logits, target, { weight: weight ?? null, ...some(attrs, "reduction", "labelSmoothing", "ignoreIndex") }),
  nllLoss: ([logs, labels, weight], attrs) => nllLoss(logs, labels, { weight: weight ?? null, ...some(attrs, "reduction", "ignoreIndex") }),
  mseLoss: ([x, y], attrs) => mseLoss(x, y, some(attrs, "reduction")),
  l1Loss: ([x, y], attrs) => l1Loss(x, y, some(attrs, "reduction")),
  smoothL1Loss: ([x, y], attrs) => smoothL1Loss(x, y, some(attrs, "reduction", "beta")),
  huberLoss: ([x, y], attrs) => huberLoss(x, y, some(attrs, "reduction", "delta")),
  bceLoss: ([p, y, weight], attrs) => bceLoss(p, y, { weight: weight ?? null, ...some(attrs, "reduction") }),
  bceWithLogits: ([x, y, posWeight], attrs) => bceWithLogits(x, y, { ...(posWeight && { posWeight }), ...some(attrs, "reduction") }),
  klDivLoss: ([x, y], attrs) => klDivLoss(x, y, some(attrs, "reduction")),
  cosineSimilarity: ([a, b], attrs) => cosineSimilarity(a, b, some(attrs, "axis", "eps")),
  where: ([condition, a, b]) => where(condition, a, b),
};
