// First and second derivatives of elementwise functions, reductions and losses, through the sweep.
import type { Tensor } from "@llr/tensor";
import * as llr from "@llr/tensor";
import { describe, expect, it } from "vitest";
import { backward, grad, gradcheck, type Parameter, parameter } from "./index.ts";

const { add, mul, Rng, sum, tensor } = llr;
const rng = new Rng(17).stream("functions.test");
/** Numbers of (low, high), at least 0.02 from each other and from 0, 3 and 6, where pieces meet. */
const f64 = (shape: readonly number[], [low, high]: Range, name: string): Parameter => {
  const size = shape.reduce((a, b) => a * b, 1);
  const taken: number[] = [-6, -3, 0, 3, 6];
  const draw = (): number => {
    const x = rng.uniform(low, high);
    if (taken.some((y) => Math.abs(x - y) < 0.02)) return draw();
    taken.push(x);
    return x;
  };
  return parameter({ shape, data: Float64Array.from({ length: size }, draw) }, { name });
};

type Unary = (x: Tensor) => Tensor;
type Range = readonly [number, number];
type Case = readonly [name: string, shapes: readonly (readonly number[])[], range: Range, fn: (...inputs: Tensor[]) => Tensor];

const wide: Range = [-3.5, 3.5];
const inside: Range = [-0.9, 0.9];
const positive: Range = [0.4, 2.5];
const three = (name: string, range: Range, fn: (x: Tensor) => Tensor, shapes: readonly (readonly number[])[] = [[], [4], [2, 3]]): Case[] => shapes.map((shape) => [`${name} of [${shape}]`, [shape], range, fn]);
const matrices = [[3, 2], [1, 4], [2, 3]];
const labels = (shape: readonly number[], classes: number, ...fixed: number[]): Tensor =>
  tensor(Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => fixed[i] ?? rng.integer(classes)), shape);
const weight = tensor(Float64Array.of(0.5, 1, 2));
const probabilities = llr.softmax(tensor(Float64Array.from({ length: 6 }, () => rng.normal()), [2, 3]));
const some = llr.greater(tensor(Float64Array.of(1, -1, 1, -1, 1, 1), [2, 3]), 0);

const cases: readonly Case[] = [
  ...Object.entries<Unary>({ abs: llr.abs, expm1: llr.expm1, exp2: llr.exp2, sin: llr.sin, cos: llr.cos, atan: llr.atan, sinh: llr.sinh, cosh: llr.cosh, asinh: llr.asinh, erf: llr.erf, logSigmoid: llr.logSigmoid, relu6: llr.relu6, elu: llr.elu, selu: llr.selu, celu: llr.celu, gelu: llr.gelu, silu: llr.silu, mish: llr.mish, softplus: llr.softplus, softsign: llr.softsign, hardSigmoid: llr.hardSigmoid, hardSwish: llr.hardSwish, leakyRelu: llr.leakyRelu, square: llr.square })
    .flatMap(([name, f]) => three(name, wide, (x) => f(x))),
  ...Object.entries<Unary>({ log1p: llr.log1p, log2: llr.log2, log10: llr.log10, rsqrt: llr.rsqrt, cbrt: llr.cbrt, reciprocal: llr.reciprocal }).flatMap(([name, f]) => three(name, positive, f)),
  ...Object.entries<Unary>({ tan: llr.tan, asin: llr.asin, acos: llr.acos, atanh: llr.atanh }).flatMap(([name, f]) => three(name, inside, f)),
  ...three("acosh", [1.3, 4], llr.acosh),
  ...three("gelu by tanh", wide, (x) => llr.gelu(x, { approximate: "tanh" })),
  ...three("elu with alpha", wide, (x) => llr.elu(x, { alpha: 0.4 })),
  ...three("celu with alpha", wide, (x) => llr.celu(x, { alpha: 0.4 })),
  ...three("softplus with beta", wide, (x) => llr.softplus(x, { beta: 2.5 })),
  ...three("clip", wide, (x) => llr.clip(x, { min: -6, max: 3 })),
  ...three("pow to a number", positive, (x) => llr.pow(x, 2.5)),
  ...three("a number to a power", wide, (x) => llr.pow(2.5, x)),
  ...three("safeWhere", wide, (x) => llr.safeWhere(llr.greater(x, 0), llr.sqrt, (t) => mul(t, t), x)),
  ["pow", [[2, 3], [3]], positive, llr.pow],
  ["atan2", [[2, 1], [1, 3]], wide, llr.atan2],
  ["maximum", [[2, 3], [3]], wide, llr.maximum],
  ["minimum", [[2, 3], []], wide, llr.minimum],
  ["where", [[2, 3], [3]], wide, (a, b) => llr.where(some, a, b)],
  ["prelu", [[2, 3, 2], [3]], wide, llr.prelu],
  ["prelu with one slope", [[2, 3], [1]], wide, llr.prelu],

  ...Object.entries<(x: Tensor, options?: llr.ReduceOptions) => Tensor>({ max: llr.max, min: llr.min, prod: llr.prod, norm: llr.norm, logSumExp: llr.logSumExp, variance: llr.variance, std: llr.std }).flatMap(([name, f]) => [
    ...three(`${name} over an axis`, wide, (x) => f(x, { axes: 0, keepDims: true }), [[4], [3, 2], [2, 3, 2]]),
    ...three(`${name} over all`, wide, (x) => f(x), [[4], [3, 2], [2, 2, 2]]),
  ]),
  ...[1, 3, Infinity].flatMap((p) => three(`norm with p ${p}`, wide, (x) => llr.norm(x, { axes: [-1], p }), [[4], [3, 2], [2, 3, 2]])),
  ...three("std with ddof 0", wide, (x) => llr.std(x, { axes: [-1], ddof: 0 }), [[4], [3, 2], [2, 3, 2]]),
  ...three("cumSum", wide, (x) => llr.cumSum(x, { axis: 0 }), [[4], [3, 2], [2, 3, 2]]),

  ...(["mean", "sum", "none"] as const).flatMap((reduction): Case[] => [
    [`mseLoss, ${reduction}`, [[2, 3], [2, 3]], wide, (x, y) => llr.mseLoss(x, y, { reduction })],
    [`l1Loss, ${reduction}`, [[2, 3], [2, 3]], wide, (x, y) => llr.l1Loss(x, y, { reduction })],
    [`smoothL1Loss, ${reduction}`, [[2, 3], [2, 3]], wide, (x, y) => llr.smoothL1Loss(x, y, { reduction, beta: 0.7 })],
    [`huberLoss, ${reduction}`, [[2, 3], [2, 3]], wide, (x, y) => llr.huberLoss(x, y, { reduction, delta: 0.7 })],
    [`bceLoss, ${reduction}`, [[2, 3], [2, 3]], [0.1, 0.9], (p, y) => llr.bceLoss(p, y, { reduction, weight: probabilities })],
    [`bceWithLogits, ${reduction}`, [[2, 3], [2, 3]], wide, (x, y) => llr.bceWithLogits(x, llr.sigmoid(y), { reduction, weight: probabilities })],
    [`klDivLoss, ${reduction}`, [[2, 3], [2, 3]], positive, (x, y) => llr.klDivLoss(x, y, { reduction })],
    [`nllLoss, ${reduction}`, [[2, 3]], wide, (x) => llr.nllLoss(x, labels([2], 3, 2, 0), { reduction, weight })],
    [`crossEntropy, ${reduction}`, [[2, 3]], wide, (x) => llr.crossEntropy(x, labels([2], 3, 2, 0), { reduction })],
    [`crossEntropy with all options, ${reduction}`, [[2, 3, 2]], wide, (x) => llr.crossEntropy(x, labels([2, 2], 3, 2, 0, -1, 1), { reduction, weight, labelSmoothing: 0.2, ignoreIndex: -1 })],
    [`crossEntropy of probabilities, ${reduction}`, [[2, 3], [2, 3]], positive, (x, t) => llr.crossEntropy(x, t, { reduction, weight, labelSmoothing: 0.1 })],
  ]),
  ["klDivLoss of logarithms, batchmean", [[2, 3], [2, 3]], wide, (x, y) => llr.klDivLoss(x, y, { reduction: "batchmean", logTarget: true })],
  ["bceWithLogits with posWeight", [[2, 3]], wide, (x) => llr.bceWithLogits(x, probabilities, { posWeight: weight })],
  ["cosineSimilarity", [[2, 3], [1, 3]], wide, (a, b) => llr.cosineSimilarity(a, b)],
  ...three("cosineSimilarity with a constant", wide, (x) => llr.cosineSimilarity(x, llr.ones(x.shape, { dtype: "f64" }), { axis: 0 }), matrices),
];

/** Different weights for different elements. */
const weighted = (t: Tensor): Tensor => mul(t, tensor(Float64Array.from({ length: t.size }, (_, i) => 1 + Math.sin(i + 1)), t.shape));

describe("gradients of functions, reductions and losses", () => {
  it.each(cases)("%s: first derivatives equal central differences", (_, shapes, range, fn) => {
    const inputs = shapes.map((shape, i) => f64(shape, range, `x${i}`));
    const { error, worst } = gradcheck(() => fn(...inputs), inputs);
    expect(error, worst).toBeLessThan(1e-6);
  });

  it.each(cases)("%s: second derivatives equal central differences of the first", (_, shapes, range, fn) => {
    const inputs = shapes.map((shape, i) => f64(shape, range, `x${i}`));
    // Squares make the first derivatives depend on the inputs also where the function is made of straight pieces.
    const slopes = (): Tensor => grad(sum(weighted(mul(fn(...inputs), fn(...inputs)))), inputs, { createGraph: true }).map((slope) => sum(mul(slope, slope))).reduce((a, b) => add(a, b));
    const { error, worst } = gradcheck(slopes, inputs);
    expect(error, worst).toBeLessThan(1e-5); // one order of differences more
  });
});

it("a product of no numbers is 1 whatever they are: its recorded gradient is that of a constant", () => {
  const [none, x] = [parameter({ shape: [2, 0], data: new Float64Array(0) }, { name: "none" }), f64([2], wide, "x")];
  const [ofNone, ofX] = grad(sum(mul(llr.prod(none, { axes: 1 }), mul(x, x))), [none, x], { createGraph: true });
  expect(ofNone!.shape).toEqual([2, 0]);
  expect([...grad(sum(ofX!), [x])[0]!.toArray()]).toEqual([2, 2]);
});

describe("gradients at kinks and ties are those of PyTorch", () => {
  const at = (f: (x: Tensor) => Tensor, ...x: number[]): number[] => {
    const p = parameter(x, { name: "x" });
    backward(sum(f(p)));
    return Array.from(p.grad!, (g) => Math.fround(g));
  };

  it.each([
    ["abs", llr.abs, [0, -2, 2], [0, -1, 1]],
    ["relu6", llr.relu6, [0, 3, 6], [0, 1, 0]],
    ["clip", (x: Tensor) => llr.clip(x, { min: -1, max: 1 }), [-1, 1, -2, 2], [1, 1, 0, 0]],
    ["leakyRelu", (x: Tensor) => llr.leakyRelu(x, { slope: 0.25 }), [0, 1], [0.25, 1]],
    ["elu", (x: Tensor) => llr.elu(x, { alpha: 2 }), [0, 1], [2, 1]],
    ["hardSigmoid", llr.hardSigmoid, [-3, 3], [0, 0]],
    ["hardSwish", llr.hardSwish, [-3, 3, -4, 4], [-0.5, 1.5, 0, 1]],
    ["floor", llr.floor, [0, 1.5], [0, 0]],
    ["max", (x: Tensor) => llr.max(x), [1, 3, 3, 2], [0, 0.5, 0.5, 0]],
    ["min", (x: Tensor) => llr.min(x), [1, 3, 1, 1, 1], [0.25, 0, 0.25, 0.25, 0.25]],
    ["maximum", (x: Tensor) => llr.maximum(x, 1), [0, 1, 2], [0, 0.5, 1]],
    ["minimum", (x: Tensor) => llr.minimum(1, x), [0, 1, 2], [1, 0.5, 0]],
    ["prod", (x: Tensor) => llr.prod(x), [0, 2, 3], [6, 0, 0]],
    ["prod of two zeros", (x: Tensor) => llr.prod(x), [0, 2, 0], [0, 0, 0]],
    ["norm", (x: Tensor) => llr.norm(x), [0, 0], [0, 0]],
    ["norm with p 3", (x: Tensor) => llr.norm(x, { p: 3 }), [0, 0], [0, 0]],
    ["std", (x: Tensor) => llr.std(x), [2, 2], [0, 0]],
    ["pow to 0", (x: Tensor) => llr.pow(x, 0), [0, 2], [0, 0]],
    ["0 to a power", (x: Tensor) => llr.pow(0, x), [0, 2], [0, 0]],
    ["logSumExp", (x: Tensor) => llr.logSumExp(x), [1e4, 1e4], [0.5, 0.5]],
    ["prelu", (x: Tensor) => llr.prelu(x, tensor([0.25])), [0, 1, -1], [0.25, 1, 0.25]],
    ["bceLoss", (x: Tensor) => llr.bceLoss(x, llr.ones([1])), [1], [0]],
  ] as const)("%s", (_, f, x, slopes) => {
    expect(at(f, ...x)).toEqual(slopes.map((s) => s));
  });

  it("the derivative of what was not chosen does not arrive, with safeWhere", () => {
    const lowest = (x: Tensor): Tensor => llr.where(llr.greater(x, 0), llr.sqrt(x), 0);
    expect(at(lowest, 0)).toEqual([NaN]); // 0 * Infinity, as PyTorch
    expect(at((x) => llr.safeWhere(llr.greater(x, 0), llr.sqrt, (t) => mul(t, 0), x), 0, 4)).toEqual([0, 0.25]);
  });

  it("ignored labels send no gradient back, also from a row of infinities", () => {
    const x = parameter([[1, 2], [-Infinity, 0]], { name: "x" });
    backward(llr.crossEntropy(x, tensor(Int32Array.of(0, -100)), { reduction: "sum" }));
    expect(x.grad![0]).toBeCloseTo(-0.731, 3);
    expect(x.grad!.slice(2).every((g) => g === 0)).toBe(true);
  });
});
