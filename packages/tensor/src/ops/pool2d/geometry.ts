import { ArgumentError, ShapeError } from "../../errors.ts";
import type { Pair, Shape } from "../../shape.ts";
import { formatShape, resolvePair } from "../../shape.ts";

export interface Pool2dOptions {
  /** Size of the window. */
  readonly kernel: number | Pair;
  /** Steps between windows. Default: the kernel, so that windows do not overlap. */
  readonly stride?: number | Pair;
  /** Rows and columns added on both sides, at most half the kernel. Default 0. */
  readonly padding?: number | Pair;
}

/** Options with the pairs resolved (vertical, horizontal). */
export interface Pool2dAttrs {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
}

export function resolvePool2d(op: string, { kernel, stride = kernel, padding = 0 }: Pool2dOptions): Pool2dAttrs {
  const attrs: Pool2dAttrs = {
    kernel: resolvePair(op, "kernel", kernel, 1),
    stride: resolvePair(op, "stride", stride, 1),
    padding: resolvePair(op, "padding", padding, 0),
  };
  for (const axis of [0, 1] as const)
    if (2 * attrs.padding[axis] > attrs.kernel[axis])
      throw new ArgumentError(op, `padding ${attrs.padding[axis]} is more than half of the kernel ${attrs.kernel[axis]}: some windows would hold nothing but padding. Use at most half.`);
  return attrs;
}

export function pool2dShape(op: string, x: Shape, { kernel, stride, padding }: Pool2dAttrs): Shape {
  if (x.length !== 4) throw new ShapeError(op, `the input is ${formatShape(x)}. It needs images [batch, channels, height, width].`, [x]);
  const size = (axis: 0 | 1): number => {
    const padded = x[2 + axis] + 2 * padding[axis];
    if (padded < kernel[axis]) throw new ShapeError(op, `a window of ${kernel.join(" x ")} does not fit into ${formatShape(x)} with padding ${padding.join(" x ")}. Use a smaller kernel.`, [x]);
    return Math.floor((padded - kernel[axis]) / stride[axis]) + 1;
  };
  return [x[0], x[1], size(0), size(1)];
}

/** A window clipped to the image: rows [y0, y1), columns [x0, x1) of the plane that starts at `plane`. */
export interface Window {
  plane: number;
  y0: number;
  y1: number;
  x0: number;
  x1: number;
}

/** Visits the windows in the order of the outputs. The same object is handed out each time. */
export function forEachWindow(x: Shape, y: Shape, { kernel, stride, padding }: Pool2dAttrs, visit: (window: Window, output: number) => void): void {
  const [, , height, width] = x as [number, number, number, number];
  const [batch, channels, outHeight, outWidth] = y as [number, number, number, number];
  const window: Window = { plane: 0, y0: 0, y1: 0, x0: 0, x1: 0 };
  let output = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    window.plane = plane * height * width;
    for (let i = 0; i < outHeight; i++) {
      window.y0 = Math.max(0, i * stride[0] - padding[0]);
      window.y1 = Math.min(height, i * stride[0] - padding[0] + kernel[0]);
      for (let j = 0; j < outWidth; j++) {
        window.x0 = Math.max(0, j * stride[1] - padding[1]);
        window.x1 = Math.min(width, j * stride[1] - padding[1] + kernel[1]);
        visit(window, output++);
      }
    }
  }
}

/** Whether windows are 2 x 2 and side by side, at least 4 in a row: the compiled kernels have a short way for them. */
export const pairsApart = (y: Shape, { kernel, stride, padding }: Pool2dAttrs): boolean =>
  [...kernel, ...stride].every((n) => n === 2) && padding[0] + padding[1] === 0 && y[3] >= 4;

/** What the compiled kernels go over: planes, each a channel of an image, about 2 us at a time. */
export function planesOf(x: Shape, y: Shape): { readonly planes: number; readonly grain: number; readonly sizes: readonly [number, number, number, number] } {
  const [batch, channels, height, width] = x as [number, number, number, number];
  return { planes: batch * channels, grain: Math.max(1, Math.ceil(4096 / (height * width))), sizes: [height, width, y[2], y[3]] };
}
