import { ArgumentError, ShapeError } from "../../errors.ts";
import { optionsOf } from "../../options.ts";
import type { Pair, Shape } from "../../shape.ts";
import { formatShape, resolvePair } from "../../shape.ts";

export interface PoolOptions<Sizes extends readonly number[]> {
  /** Size of the window. */
  readonly kernel: number | Sizes;
  /** Steps between windows. Default: the kernel, so that windows do not overlap. */
  readonly stride?: number | Sizes;
  /** Rows and columns added on both sides, at most half the kernel. Default 0. */
  readonly padding?: number | Sizes;
  /** Windows that begin inside the image but reach beyond its end count too, cut off there. Default false. */
  readonly ceilMode?: boolean;
}

export type Pool1dOptions = PoolOptions<readonly [number]>;
export type Pool2dOptions = PoolOptions<Pair>;

export interface MaxPoolOptions<Sizes extends readonly number[]> extends PoolOptions<Sizes> {
  /** Distance between the pixels of a window. Default 1. */
  readonly dilation?: number | Sizes;
}

export interface AvgPoolOptions<Sizes extends readonly number[]> extends PoolOptions<Sizes> {
  /** Padding counts as zeros in the mean (default), or is left out. */
  readonly countIncludePad?: boolean;
}

/** Options with the pairs resolved (vertical, horizontal). */
export interface Pool2dAttrs {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly ceilMode: boolean;
}

export function resolvePool2d(op: string, options: MaxPoolOptions<Pair>): Pool2dAttrs {
  const { kernel, stride = kernel, padding = 0, dilation = 1, ceilMode = false } = optionsOf(op, options);
  const attrs: Pool2dAttrs = {
    kernel: resolvePair(op, "kernel", kernel, 1),
    stride: resolvePair(op, "stride", stride, 1),
    padding: resolvePair(op, "padding", padding, 0),
    dilation: resolvePair(op, "dilation", dilation, 1),
    ceilMode,
  };
  for (const axis of [0, 1] as const)
    if (2 * attrs.padding[axis] > attrs.kernel[axis])
      throw new ArgumentError(op, `padding ${attrs.padding[axis]} is more than half of the kernel ${attrs.kernel[axis]}: some windows would hold nothing but padding. Use at most half.`);
  return attrs;
}

/** Pixels from the first to the last of a window. */
const reachOf = ({ kernel, dilation }: Pool2dAttrs, axis: 0 | 1): number => dilation[axis] * (kernel[axis] - 1) + 1;

/** `given`: what the caller gave, where x is made of sequences. */
export function pool2dShape(op: string, x: Shape, attrs: Pool2dAttrs, given: Shape = x): Shape {
  const { kernel, stride, padding, dilation, ceilMode } = attrs;
  checkImages(op, x);
  const text = (pair: Pair): string => (given.length === 3 ? String(pair[1]) : pair.join(" x "));
  const size = (axis: 0 | 1): number => {
    const room = x[2 + axis] + 2 * padding[axis] - reachOf(attrs, axis);
    let count = (ceilMode ? Math.ceil(room / stride[axis]) : Math.floor(room / stride[axis])) + 1;
    // The last window must begin before the padding at the end.
    if (ceilMode && (count - 1) * stride[axis] >= x[2 + axis] + padding[axis]) count--;
    if (count < 1) throw new ShapeError(op, `a window of ${text(kernel)}${Math.max(...dilation) > 1 ? ` with dilation ${text(dilation)}` : ""} does not fit into ${formatShape(given)} with padding ${text(padding)}. Use a smaller kernel.`, [given]);
    return count;
  };
  const shape = [x[0], x[1], size(0), size(1)];
  if (Math.max(...dilation) > 1) checkWindows(op, given, slidingWindows(x, shape, attrs));
  return shape;
}

/** Wide dilation can put every pixel of a window into the padding. */
function checkWindows(op: string, x: Shape, windows: Windows): void {
  for (const { from, to } of [windows.rows, windows.columns])
    if (from.some((first, i) => first >= to[i])) throw new ShapeError(op, `a window holds nothing but padding of ${formatShape(x)}. Use less padding or less dilation.`, [x]);
}

export function checkImages(op: string, x: Shape): void {
  if (x.length !== 4) throw new ShapeError(op, `the input is ${formatShape(x)}. It needs images [batch, channels, height, width].`, [x]);
}

/** The windows along one axis: the pixels from[i], from[i] + step, ... before to[i]; `span[i]` counts padding too. */
export interface AxisWindows {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly span: readonly number[];
  readonly step: number;
}

export interface Windows {
  readonly rows: AxisWindows;
  readonly columns: AxisWindows;
}

const list = (count: number, entry: (i: number) => number): number[] => Array.from({ length: count }, (_, i) => entry(i));

/** The windows of x that the pixels of y see. */
export function slidingWindows(x: Shape, y: Shape, { kernel, stride, padding, dilation }: Pool2dAttrs): Windows {
  const along = (axis: 0 | 1): AxisWindows => {
    const [length, outputs, step] = [x[2 + axis], y[2 + axis], dilation[axis]];
    const start = (i: number): number => i * stride[axis] - padding[axis];
    const inside = (at: number): number => (at >= 0 ? at : at + Math.ceil(-at / step) * step);
    return {
      from: list(outputs, (i) => inside(start(i))),
      to: list(outputs, (i) => Math.min(length, start(i) + (kernel[axis] - 1) * step + 1)),
      // A window cut off by ceilMode ends with the padding.
      span: list(outputs, (i) => Math.min(kernel[axis], length + padding[axis] - start(i))),
      step,
    };
  };
  return { rows: along(0), columns: along(1) };
}

/** Windows that cut an axis into as many parts as y has pixels, evenly; they overlap where the parts are not whole. */
export function adaptiveWindows(x: Shape, y: Shape): Windows {
  const along = (length: number, outputs: number): AxisWindows => {
    const from = list(outputs, (i) => Math.floor((i * length) / outputs));
    const to = list(outputs, (i) => Math.ceil(((i + 1) * length) / outputs));
    return { from, to, span: list(outputs, (i) => to[i] - from[i]), step: 1 };
  };
  return { rows: along(x[2], y[2]), columns: along(x[3], y[3]) };
}

/** A window: rows y0, y0 + yStep, ... before y1, columns likewise, of the plane that starts at `plane`. */
export interface Window {
  plane: number;
  y0: number;
  y1: number;
  yStep: number;
  x0: number;
  x1: number;
  xStep: number;
  /** Pixels, with and without padding. */
  span: number;
  count: number;
}

/** Visits the windows in the order of the outputs. The same object is handed out each time. */
export function forEachWindow(x: Shape, { rows, columns }: Windows, visit: (window: Window, output: number) => void): void {
  const [batch, channels, height, width] = x as [number, number, number, number];
  const window: Window = { plane: 0, y0: 0, y1: 0, yStep: rows.step, x0: 0, x1: 0, xStep: columns.step, span: 0, count: 0 };
  let output = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    window.plane = plane * height * width;
    for (let i = 0; i < rows.from.length; i++) {
      window.y0 = rows.from[i];
      window.y1 = rows.to[i];
      for (let j = 0; j < columns.from.length; j++) {
        window.x0 = columns.from[j];
        window.x1 = columns.to[j];
        window.span = rows.span[i] * columns.span[j];
        window.count = (window.y1 - window.y0) * (window.x1 - window.x0);
        visit(window, output++);
      }
    }
  }
}

/** Whether no window reaches beyond the padding: the compiled kernels know no others. */
export const isWhole = (x: Shape, y: Shape, { kernel, stride, padding }: Pool2dAttrs): boolean =>
  ([0, 1] as const).every((axis) => (y[2 + axis] - 1) * stride[axis] + kernel[axis] <= x[2 + axis] + 2 * padding[axis]);

/** Whether windows are 2 x 2 and side by side, at least 4 in a row: the compiled kernels have a short way for them. */
export const pairsApart = (x: Shape, y: Shape, attrs: Pool2dAttrs): boolean =>
  [...attrs.kernel, ...attrs.stride].every((n) => n === 2) && attrs.padding[0] + attrs.padding[1] === 0 && attrs.dilation.every((n) => n === 1) && y[3] >= 4 && isWhole(x, y, attrs);

/** What the compiled kernels go over: planes, each a channel of an image, about 2 us at a time. */
export function planesOf(x: Shape, y: Shape): { readonly planes: number; readonly grain: number; readonly sizes: readonly [number, number, number, number] } {
  const [batch, channels, height, width] = x as [number, number, number, number];
  return { planes: batch * channels, grain: Math.max(1, Math.ceil(4096 / (height * width))), sizes: [height, width, y[2], y[3]] };
}

/** A sequence is an image of one row. */
export const asImage = ([batch, channels, length]: Shape): Shape => [batch, channels, 1, length];

/** Options for sequences as options for images of one row. */
export function asRow<O extends PoolOptions<readonly [number]> & { readonly dilation?: number | readonly [number] }>(op: string, x: Shape, options: O): MaxPoolOptions<Pair> {
  const { kernel, stride = kernel, padding = 0, dilation = 1, ceilMode = false } = optionsOf(op, options);
  if (x.length !== 3) throw new ShapeError(op, `the input is ${formatShape(x)}. It needs sequences [batch, channels, length].`, [x]);
  const pair = (value: number | readonly [number], first: number): Pair => [first, Array.isArray(value) ? (value as readonly [number])[0] : (value as number)];
  return { kernel: pair(kernel, 1), stride: pair(stride, 1), padding: pair(padding, 0), dilation: pair(dilation, 1), ceilMode };
}
