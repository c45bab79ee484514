import { ArgumentError, ShapeError } from "../../errors.ts";
import type { Pair, Shape } from "../../shape.ts";
import { formatShape } from "../../shape.ts";

export interface ConvOptions<Sizes extends readonly number[]> {
  /** Steps between outputs. Default 1. */
  readonly stride?: number | Sizes;
  /** Zeros added on both sides. "same": as many as keep the size, one more at the end where their number is odd. Default 0. */
  readonly padding?: number | Sizes | "same";
  /** Distance between the taps of a kernel. Default 1. */
  readonly dilation?: number | Sizes;
  /** Channels are split into this many groups that do not see each other. Default 1. */
  readonly groups?: number;
}

export type Conv1dOptions = ConvOptions<readonly [number]>;
export type Conv2dOptions = ConvOptions<Pair>;
export type Conv3dOptions = ConvOptions<readonly [number, number, number]>;

/** Options with a number for each axis that the kernel moves along, outermost first. */
export interface ConvAttrs {
  readonly stride: readonly number[];
  /** Zeros before the first pixel. */
  readonly padding: readonly number[];
  /** Zeros behind the last pixel; left out: as many as before the first. Negative: pixels there that no output sees. */
  readonly paddingAfter?: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

/** What messages call the input and its axes, by the number of axes that the kernel moves along. */
const NOUNS = ["", "sequences", "images", "volumes"];
const AXES = [[], ["length"], ["height", "width"], ["depth", "height", "width"]];

/** One number for each axis; a single number stands for all. */
export function resolveSizes(op: string, name: string, value: number | readonly number[], rank: number, minimum: number): readonly number[] {
  const sizes = typeof value === "number" ? Array.from({ length: rank }, () => value) : value;
  if (sizes.length !== rank || !sizes.every((n) => Number.isSafeInteger(n) && n >= minimum)) {
    const several = ["", "a list of one", "a pair of them (vertical, horizontal)", "three of them (depth, vertical, horizontal)"][rank];
    throw new ArgumentError(op, `${name} is ${JSON.stringify(value)}. It must be a whole number >= ${minimum}, or ${several}.`);
  }
  return [...sizes];
}

/** Options of an op under whose weights, [..., ...kernel], a kernel moves along `rank` axes. */
export function resolveConv(op: string, rank: number, w: Shape, { stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions<readonly number[]>): ConvAttrs {
  if (!Number.isSafeInteger(groups) || groups < 1) throw new ArgumentError(op, `groups is ${groups}. It must be a whole number >= 1.`);
  const attrs = { stride: resolveSizes(op, "stride", stride, rank, 1), dilation: resolveSizes(op, "dilation", dilation, rank, 1), groups };
  if (padding !== "same") {
    if (typeof padding === "string") throw new ArgumentError(op, `padding is "${String(padding)}". It must be a number, one for each axis, or "same".`);
    return { ...attrs, padding: resolveSizes(op, "padding", padding, rank, 0) };
  }
  if (attrs.stride.some((n) => n !== 1)) throw new ArgumentError(op, `padding is "same" and stride ${JSON.stringify(stride)}. A strided convolution does not keep the size: use stride 1 or give the padding in numbers.`);
  const total = attrs.dilation.map((d, axis) => d * Math.max(0, (w.at(axis - rank) ?? 1) - 1));
  return { ...attrs, padding: total.map((n) => Math.floor(n / 2)), paddingAfter: total.map((n) => Math.ceil(n / 2)) };
}

/** Shape of the output of x [batch, channels, ...axes] under w [out, channels / groups, ...kernel]; both have rank + 2 axes. */
export function convShape(op: string, rank: number, x: Shape, w: Shape, { stride, padding, paddingAfter = padding, dilation, groups }: ConvAttrs): Shape {
  const noun = NOUNS[rank];
  const fail = (problem: string): never => {
    throw new ShapeError(op, `${problem} (${noun} ${formatShape(x)}, weights ${formatShape(w)})`, [x, w]);
  };
  if (x.length !== rank + 2 || w.length !== rank + 2) fail(`needs ${noun} [batch, channels, ${AXES[rank].join(", ")}] and weights [out, channels / groups, ${AXES[rank].join(", ")}].`);
  if (x[1] !== w[1] * groups) fail(`the ${noun} have ${x[1]} channels, the weights read ${w[1]}${groups > 1 ? ` in each of ${groups} groups` : ""}. They must be equal.`);
  if (w[0] % groups !== 0) fail(`${w[0]} output channels cannot be split into ${groups} groups. Use a multiple.`);
  const size = (axis: number): number => {
    const reach = dilation[axis] * (w[2 + axis] - 1) + 1;
    const padded = x[2 + axis] + padding[axis] + paddingAfter[axis];
    if (w[2 + axis] === 0) fail(`the kernel has no taps. Its ${AXES[rank].join(" and ")} must be at least 1.`);
    if (padded < reach) fail(`the kernel reaches over ${reach} pixels, the padded ${noun.slice(0, -1)} has ${padded}. Use a smaller kernel or more padding.`);
    return Math.floor((padded - reach) / stride[axis]) + 1;
  };
  return [x[0], w[0], ...AXES[rank].map((_, axis) => size(axis))];
}

/** A bias is one number for each output channel. */
export function checkBias(op: string, out: number, w: Shape, bias: Shape): void {
  if (bias.length !== 1 || bias[0] !== out)
    throw new ShapeError(op, `the bias is ${formatShape(bias)}, the weights are ${formatShape(w)}. It needs one number for each of the ${out} output channels.`, [w, bias]);
}

/**
 * Outputs whose tap at `offset` (tap position minus padding) falls inside an axis of `length`: those in [from, to).
 */
export function insideRange(length: number, outputs: number, stride: number, offset: number): { from: number; to: number } {
  const from = Math.max(0, Math.ceil(-offset / stride));
  const to = Math.min(outputs, Math.floor((length - 1 - offset) / stride) + 1);
  return { from, to };
}
