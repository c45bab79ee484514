// Windows as pieces of kernel sources. Images are [planes, pixels] here, a plane being one channel of one image: each number
// of a plane is one thread, which finds its row and column itself.
import { NoKernelError } from "../../errors.ts";
import type { Dims } from "../../gpu/kernel.ts";
import { LARGEST_EXACT } from "../../gpu/kernel.ts";
import { quotient, rowAndColumn } from "../../gpu/source.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import type { Pool2dAttrs } from "./geometry.ts";
import { adaptiveWindows, slidingWindows } from "./geometry.ts";

/** The windows along one axis of `length` pixels. Methods give expressions. */
interface AxisSource {
  readonly length: number;
  readonly outputs: number;
  /** First pixel of window i, which may lie in the padding before the image. */
  from(i: string): string;
  /** End of window i, which may lie behind the image. */
  to(i: string): string;
  readonly step: number;
  /** Most pixels of a window. */
  readonly most: number;
  /** Pixels of window i, with padding. */
  span(i: string): string;
  /** Last window that begins at or before pixel p. */
  last(p: string): string;
  /** Most windows over one pixel; those are among so many up to the last one. */
  readonly sharing: number;
}

export interface WindowsSource {
  readonly rows: AxisSource;
  readonly columns: AxisSource;
}

const most = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b), 0);

/** The windows of x that the pixels of y see. */
export function slidingSource(x: Shape, y: Shape, attrs: Pool2dAttrs): WindowsSource {
  const windows = slidingWindows(x, y, attrs);
  const along = (axis: 0 | 1, spans: readonly number[]): AxisSource => {
    const [length, kernel, stride, padding, step] = [x[2 + axis], attrs.kernel[axis], attrs.stride[axis], attrs.padding[axis], attrs.dilation[axis]];
    const from = (i: string): string => `(${i} * ${stride} - ${padding})`;
    const reach = (kernel - 1) * step + 1;
    return {
      length, outputs: y[2 + axis], from, to: (i) => `(${from(i)} + ${reach})`, step, most: kernel,
      span: (i) => (spans.every((n) => n === kernel) ? String(kernel) : `Math.min(${kernel}, ${length + padding} - ${from(i)})`),
      last: (p) => quotient(`${p} + ${padding}`, stride),
      sharing: Math.floor((reach - 1) / stride) + 1,
    };
  };
  return { rows: along(0, windows.rows.span), columns: along(1, windows.columns.span) };
}

/** The windows of adaptive pooling. */
export function adaptiveSource(x: Shape, y: Shape): WindowsSource {
  const windows = adaptiveWindows(x, y);
  const along = (axis: 0 | 1, { from: starts, to: ends }: { readonly from: readonly number[]; readonly to: readonly number[] }): AxisSource => {
    const [length, outputs] = [x[2 + axis], y[2 + axis]];
    const from = (i: string): string => quotient(`${i} * ${length}`, outputs);
    const to = (i: string): string => quotient(`${i} * ${length} + ${length + outputs - 1}`, outputs);
    const holders = Array.from({ length }, (_, p) => starts.filter((start, i) => start <= p && p < ends[i]).length);
    return {
      length, outputs, from, to, step: 1, most: most(starts.map((start, i) => ends[i] - start)),
      span: (i) => `(${to(i)} - ${from(i)})`,
      last: (p) => quotient(`${p} * ${outputs} + ${outputs - 1}`, length),
      sharing: most(holders),
    };
  };
  return { rows: along(0, windows.rows), columns: along(1, windows.columns) };
}

/** Runs `body` for every pixel of the thread's window, whose place in the plane is `p`. Numbers of `row` and `column` are the window's. */
export function overWindow({ rows, columns }: WindowsSource, body: string): string {
  const inside = (p: string, end: string, length: number): string => `${p} >= 0 && ${p} < ${length} && ${p} < ${end}`;
  return `${rowAndColumn(columns.outputs)}
  const top = ${rows.from("row")}; const bottom = ${rows.to("row")};
  const left = ${columns.from("column")}; const right = ${columns.to("column")};
  for (let i = 0; i < ${rows.most}; i++) {
    const y = top + i * ${rows.step};
    if (${inside("y", "bottom", rows.length)}) {
      for (let j = 0; j < ${columns.most}; j++) {
        const x = left + j * ${columns.step};
        if (${inside("x", "right", columns.length)}) {
          const p = y * ${columns.length} + x;
          ${body}
        }
      }
    }
  }`;
}

/**
 * Runs `body` for every window that may hold the thread's pixel, in no more than the window's reach: `w` is its place among
 * the outputs of the plane, `up` and `across` its row and column there.
 */
export function overWindowsAt({ rows, columns }: WindowsSource, body: string): string {
  return `${rowAndColumn(columns.length)}
  const lowest = ${rows.last("row")}; const rightmost = ${columns.last("column")};
  for (let i = 0; i < ${rows.sharing}; i++) {
    const up = lowest - i;
    if (up >= 0 && up < ${rows.outputs}) {
      for (let j = 0; j < ${columns.sharing}; j++) {
        const across = rightmost - j;
        if (across >= 0 && across < ${columns.outputs}) {
          const w = up * ${columns.outputs} + across;
          ${body}
        }
      }
    }
  }`;
}

/** Images as [planes, pixels]. */
export const asPlanes = ([batch, channels, height, width]: Shape): Dims => [batch * channels, height * width];

/** A kernel's numbers are single precision, so are places in an array. */
export function checkPlaces(op: string, shape: Shape): void {
  if (sizeOf(shape) > LARGEST_EXACT) throw new NoKernelError(op, `the input ${formatShape(shape)} has ${sizeOf(shape)} elements; places are counted up to ${LARGEST_EXACT} (2^24) on a device. Use a smaller batch.`);
}
