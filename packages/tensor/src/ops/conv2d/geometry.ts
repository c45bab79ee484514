import { ArgumentError, ShapeError } from "../../errors.ts";
import type { Pair, Shape } from "../../shape.ts";
import { formatShape, resolvePair } from "../../shape.ts";

export interface Conv2dOptions {
  /** Steps between outputs. Default 1. */
  readonly stride?: number | Pair;
  /** Zeros added on both sides. Default 0. */
  readonly padding?: number | Pair;
  /** Distance between the taps of a kernel. Default 1. */
  readonly dilation?: number | Pair;
  /** Channels are split into this many groups that do not see each other. Default 1. */
  readonly groups?: number;
}

/** Options with the pairs resolved (vertical, horizontal). */
export interface Conv2dAttrs {
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly groups: number;
}

export function resolveConv2d({ stride = 1, padding = 0, dilation = 1, groups = 1 }: Conv2dOptions): Conv2dAttrs {
  if (!Number.isSafeInteger(groups) || groups < 1) throw new ArgumentError("conv2d", `groups is ${groups}. It must be a whole number >= 1.`);
  return {
    stride: resolvePair("conv2d", "stride", stride, 1),
    padding: resolvePair("conv2d", "padding", padding, 0),
    dilation: resolvePair("conv2d", "dilation", dilation, 1),
    groups,
  };
}

/** Shape of the output of x [batch, channels, height, width] under w [out, channels / groups, kernel height, kernel width]. */
export function conv2dShape(x: Shape, w: Shape, { stride, padding, dilation, groups }: Conv2dAttrs): Shape {
  const fail = (problem: string): never => {
    throw new ShapeError("conv2d", `${problem} (images ${formatShape(x)}, weights ${formatShape(w)})`, [x, w]);
  };
  if (x.length !== 4 || w.length !== 4) fail("needs images [batch, channels, height, width] and weights [out, channels / groups, height, width].");
  if (x[1] !== w[1] * groups) fail(`the images have ${x[1]} channels, the weights read ${w[1]}${groups > 1 ? ` in each of ${groups} groups` : ""}. They must be equal.`);
  if (w[0] % groups !== 0) fail(`${w[0]} output channels cannot be split into ${groups} groups. Use a multiple.`);
  const size = (axis: 0 | 1): number => {
    const reach = dilation[axis] * (w[2 + axis] - 1) + 1;
    const padded = x[2 + axis] + 2 * padding[axis];
    if (w[2 + axis] === 0) fail("the kernel has no taps. Its height and width must be at least 1.");
    if (padded < reach) fail(`the kernel reaches over ${reach} pixels, the padded image has ${padded}. Use a smaller kernel or more padding.`);
    return Math.floor((padded - reach) / stride[axis]) + 1;
  };
  return [x[0], w[0], size(0), size(1)];
}

/**
 * Outputs whose tap at `offset` (tap position minus padding) falls inside an axis of `length`: those in [from, to).
 */
export function insideRange(length: number, outputs: number, stride: number, offset: number): { from: number; to: number } {
  const from = Math.max(0, Math.ceil(-offset / stride));
  const to = Math.min(outputs, Math.floor((length - 1 - offset) / stride) + 1);
  return { from, to };
}
