// The functions made by map, steps, predicate and pieces, and their binary relatives.
import { describe, expect, it } from "vitest";
import { awayFromZero, conformance, distinct, type InputSpec, positive } from "../../conformance.ts";
import type { Op, Primitive } from "../../index.ts";
import * as llr from "../../index.ts";

const { tensor } = llr;
const numbers = (t: llr.Tensor): number[] => Array.from(t.toArray());
const shapes = [[], [3], [2, 3], [0, 2]];
const pairs = [[[], []], [[3], [3]], [[2, 3], [3]], [[2, 1], [1, 3]], [[2, 3], []], [[0, 3], [3]]] as const;
type Fill = NonNullable<InputSpec["fill"]>;

const inside: Fill = (rng) => rng.uniform(-0.9, 0.9);
const aboveOne: Fill = (rng) => rng.uniform(1.2, 3);
/** Away from whole numbers and halves, where roundings jump. */
const between: Fill = (rng) => rng.integer(5) - 2 + rng.uniform(0.1, 0.4);

const smooth: readonly (readonly [Primitive<null>, Fill?])[] = [
  [llr.absOp, awayFromZero], [llr.expm1Op], [llr.exp2Op], [llr.log1pOp, positive], [llr.log2Op, positive], [llr.log10Op, positive], [llr.rsqrtOp, positive], [llr.cbrtOp, awayFromZero],
  [llr.sinOp], [llr.cosOp], [llr.tanOp, inside], [llr.asinOp, inside], [llr.acosOp, inside], [llr.atanOp], [llr.sinhOp], [llr.coshOp], [llr.asinhOp], [llr.acoshOp, aboveOne], [llr.atanhOp, inside],
  [llr.erfOp], [llr.erfSlopeOp], [llr.geluOp], [llr.geluSlopeOp], [llr.geluTanhOp], [llr.geluTanhSlopeOp], [llr.logSigmoidOp], [llr.siluOp], [llr.siluSlopeOp], [llr.mishOp], [llr.mishSlopeOp],
  [llr.softsignOp, awayFromZero], [llr.softsignSlopeOp, awayFromZero], [llr.relu6Op, awayFromZero], [llr.hardSigmoidOp], [llr.hardSwishOp], [llr.hardSwishSlopeOp],
  [llr.floorOp, between], [llr.ceilOp, between], [llr.roundOp, between], [llr.truncOp, between], [llr.signOp, awayFromZero],
];

describe("functions of one tensor", () => {
  it.each(smooth.map(([op, fill]) => [op.name, op, fill] as const))("%s is complete", (_, op, fill) => {
    conformance(op, shapes.map((shape) => ({ inputs: [{ shape, ...(fill && { fill }) }], attrs: null })));
  });

  it("those with attributes are complete", () => {
    const each = <A>(op: Op<A>, ...attrs: A[]): void => attrs.forEach((a) => conformance(op, shapes.map((shape) => ({ inputs: [{ shape, fill: awayFromZero }], attrs: a }))));
    each(llr.clipOp, { low: -0.05, high: Infinity }, { low: -Infinity, high: 0.05 }, { low: 0.01, high: 0.02 });
    each(llr.softplusOp, { beta: 1 }, { beta: -3 });
    each(llr.leakyReluOp, { slope: 0.01 }, { slope: -2 });
    for (const op of [llr.eluOp, llr.seluOp, llr.celuOp, llr.bendSlopeOp]) each(op, { above: 1.5, below: 2, rate: 0.5 });
  });

  it("isNaN and isFinite are complete", () => {
    for (const op of [llr.isNaNOp, llr.isFiniteOp]) conformance(op, shapes.map((shape) => ({ inputs: [{ shape }], attrs: null })));
  });

  const { Infinity: inf } = globalThis;
  it.each([
    ["sign", llr.sign, [-3, 0, 2, NaN, -inf], [-1, 0, 1, 0, -1]],
    ["round", llr.round, [-1.5, -0.5, 0.5, 1.5, 2.5, 8388609, inf], [-2, 0, 0, 2, 2, 8388609, inf]],
    ["trunc", llr.trunc, [-1.7, 1.7], [-1, 1]],
    ["log1p", llr.log1p, [-1, -2, inf, 0], [-inf, NaN, inf, 0]],
    ["rsqrt", llr.rsqrt, [0, -1, inf, 4], [inf, NaN, 0, 0.5]],
    ["atanh", llr.atanh, [-1, 1, 2], [-inf, inf, NaN]],
    ["acosh", llr.acosh, [1, 0.5, inf], [0, NaN, inf]],
    ["erf", llr.erf, [-inf, 0, inf, NaN], [-1, 0, 1, NaN]],
    ["softplus", llr.softplus, [-inf, -1000, 1000, inf], [0, 0, 1000, inf]],
    ["logSigmoid", llr.logSigmoid, [-inf, -1000, 1000], [-inf, -1000, -0]],
    ["relu6", llr.relu6, [-inf, 0, 6, inf, NaN], [0, 0, 6, 6, NaN]],
    ["selu", llr.selu, [-inf, 0], [Math.fround(-1.0507009873554805 * 1.6732632423543772), 0]],
    ["silu", llr.silu, [-1000, 0, 1000], [-0, 0, 1000]],
    ["gelu", (x: llr.Tensor) => llr.gelu(x), [-1000, 0, 1000], [-0, 0, 1000]],
    ["isNaN", llr.isNaN, [0, NaN, inf], [0, 1, 0]],
    ["isFinite", llr.isFinite, [0, NaN, inf], [1, 0, 0]],
  ] as const)("%s gives the known values at its edges", (_, f, x, y) => {
    expect(numbers((f as (x: llr.Tensor) => llr.Tensor)(tensor([...x])))).toEqual([...y]);
  });

  it("erf agrees with a table of 15 digits (DLMF 7.23), and the tail of gelu keeps its digits", () => {
    const f64 = (...x: number[]): llr.Tensor => tensor(Float64Array.from(x));
    const table = [0.0225645746918449, 0.5204998778130465, 0.8427007929497149, 0.9953222650189527, 0.9999779095030014, 0.9999999845827421];
    numbers(llr.erf(f64(0.02, 0.5, 1, 2, 3, 4))).forEach((y, i) => expect(Math.abs(y - table[i]!)).toBeLessThan(3e-16 * 4));
    // P(-10) = 7.61985302416052e-24
    expect(llr.gelu(f64(-10)).item() / -7.61985302416052e-23).toBeCloseTo(1, 12);
  });

  it("attributes that make no sense are refused", () => {
    expect(() => llr.clip(tensor([1]), {})).toThrow("clip: min is undefined, max is undefined. It needs a number for at least one of them.");
    expect(() => llr.clip(tensor([1]), { min: NaN, max: 1 })).toThrow("clip: min is NaN");
    expect(() => llr.softplus(tensor([1]), { beta: 0 })).toThrow("softplus: beta is 0.");
    expect(() => llr.elu(tensor([1]), { alpha: NaN })).toThrow("elu: alpha is NaN.");
    expect(() => llr.celu(tensor([1]), { alpha: 0 })).toThrow("celu: alpha is 0.");
    expect(() => llr.leakyRelu(tensor([1]), { slope: Infinity })).toThrow("leakyRelu: slope is Infinity.");
    expect(() => llr.prelu(tensor([[1, 2]]), tensor([1, 2, 3]))).toThrow("prelu: x is [1, 2], the slope is [3]. It needs one slope, [1], or one for each channel, [2].");
    expect(() => llr.isNaN(tensor([1], { dtype: "i32" }))).toThrow("isNaN: the input has the element type i32.");
  });
});

describe("functions of two tensors", () => {
  const of = (op: Primitive<null>, a: Fill, b: Fill = a): void => conformance(op, pairs.map(([s, t]) => ({ inputs: [{ shape: s, fill: a }, { shape: t, fill: b }], attrs: null })));

  it("pow, atan2, their slopes, maximum and minimum are complete under broadcasting", () => {
    of(llr.powOp, positive, awayFromZero);
    of(llr.powSlopeOp, positive, awayFromZero);
    of(llr.powLogOp, positive, awayFromZero);
    of(llr.atan2Op, positive, awayFromZero);
    of(llr.atan2SlopeOp, positive, awayFromZero);
    for (const op of [llr.maximumOp, llr.minimumOp]) of(op, distinct, (rng, i) => distinct(rng, i + 500) + 0.05);
  });

  it("pow follows IEEE 754 where JavaScript does not", () => {
    expect(numbers(llr.pow(tensor([1, -1, 1, 0, -2]), tensor([NaN, Infinity, -Infinity, 0, 3])))).toEqual([1, 1, 1, 1, -8]);
  });

  it("where is complete: all three broadcast", () => {
    const bool = (shape: readonly number[]): InputSpec => ({ shape, dtype: "bool", fill: (rng) => rng.integer(2) });
    const cases = [[[3], [3], [3]], [[2, 1], [3], []], [[], [2, 3], [3]], [[2, 3], [], []], [[0, 3], [3], [0, 3]]] as const;
    conformance(llr.whereOp, cases.map(([c, a, b]) => ({ inputs: [bool(c), { shape: a }, { shape: b }], attrs: null })));
    expect(numbers(llr.where(tensor([true, false]), tensor([1, NaN]), 5))).toEqual([1, 5]);
    expect(llr.where(tensor([true, false]), tensor([1, 2], { dtype: "i32" }), 5).dtype).toBe("i32");
  });

  it("where refuses what does not fit", () => {
    expect(() => llr.where(tensor([true, true]), tensor([1, 2, 3]), 0)).toThrow("where: the condition is [2], the choices are [3] and []. They must broadcast");
    expect(() => llr.where(tensor([1, 0]), tensor([1, 2]), 0)).toThrow("where: inputs have the element types f32, f32, f32. It needs a bool condition");
    expect(() => llr.where(tensor([true]), 1, 0)).toThrow("where: neither choice is a tensor.");
  });
});
