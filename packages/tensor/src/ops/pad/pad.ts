import { apply } from "../../apply.ts";
import { ArgumentError, ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { checkList, optionsOf } from "../../options.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sizeOf, stridesOf } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { type Box, putRuns, runsOf, takeRuns } from "../slice/runs.ts";

/**
 * What stands outside: one value; the inside mirrored at the outermost entry, which is not repeated; the outermost entry;
 * or the inside again, from its other end.
 */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

export interface PadAttrs {
  /** For each axis, how many entries to add before and after. Negative: how many to take away. */
  readonly pads: readonly (readonly [number, number])[];
  readonly mode: PadMode;
  readonly value: number;
}

/** Which entry of an axis of `size` stands at place `i`, relative to its first; -1: the constant. */
function entryAt(mode: PadMode, i: number, size: number): number {
  if (i >= 0 && i < size) return i;
  switch (mode) {
    case "constant": return -1;
    case "replicate": return i < 0 ? 0 : size - 1;
    case "reflect": return i < 0 ? -i : 2 * (size - 1) - i;
    case "circular": return i < 0 ? i + size : i - size;
  }
}

/** For every place of the padded tensor the place in the inner one, of shape `inner`, from which its number comes; -1: the constant. */
function sourcesOf(inner: Shape, outer: Shape, { pads, mode }: PadAttrs): Int32Array {
  const sources = new Int32Array(sizeOf(outer));
  if (sources.length === 0) return sources;
  const strides = stridesOf(inner);
  // Grown axis by axis from the last, as shape.ts does for its offsets; from the last copy down, so that the first is read until the end.
  let filled = 1;
  for (let axis = outer.length - 1; axis >= 0; axis--) {
    for (let i = outer[axis] - 1; i >= 0; i--) {
      const entry = entryAt(mode, i - pads[axis][0], inner[axis]);
      for (let j = 0; j < filled; j++) sources[i * filled + j] = entry < 0 || sources[j] < 0 ? -1 : sources[j] + entry * strides[axis];
    }
    filled *= outer[axis];
  }
  return sources;
}

/** The usual case: the tensor whole, in a frame of constants. */
const isFrame = ({ mode, pads }: PadAttrs): boolean => mode === "constant" && pads.every(([before, after]) => before >= 0 && after >= 0);

/** Where the tensor lies in its frame. */
const boxOf = (inner: Shape, { pads }: PadAttrs): Box => ({ starts: pads.map(([before]) => before), steps: inner.map(() => 1), counts: inner });

export const padOp: Primitive<PadAttrs> = {
  kind: "primitive",
  name: "pad",
  dtype: ([x]) => x,
  shape: ([x], attrs) => paddedShape(x, attrs),
  saves: [],
  nan: "propagates",
  reference: (out, [x], { shapes: [inner], shape, attrs }) => {
    if (isFrame(attrs)) {
      out.fill(attrs.value);
      putRuns(out, x, runsOf(shape, boxOf(inner, attrs)));
      return;
    }
    const sources = sourcesOf(inner, shape, attrs);
    for (let i = 0; i < out.length; i++) out[i] = sources[i] < 0 ? attrs.value : x[sources[i]];
  },
  derivative: (dOut, { inputs: [x], attrs }) => [apply(unpadOp, [dOut], { ...attrs, shape: x.shape })],
};

/** Each number added to the place from which `pad` took it: derivative of `pad`, which (with value 0) is its derivative in turn. */
export const unpadOp: Primitive<PadAttrs & { readonly shape: Shape }> = {
  kind: "primitive",
  name: "unpad",
  shape: (_, { shape }) => shape,
  saves: [],
  nan: "propagates",
  reference: (out, [x], { shapes: [outer], attrs }) => {
    if (isFrame(attrs)) {
      takeRuns(out, x, runsOf(outer, boxOf(attrs.shape, attrs)));
      return;
    }
    const sources = sourcesOf(attrs.shape, outer, attrs);
    const sums = new Float64Array(out.length);
    for (let i = 0; i < x.length; i++) if (sources[i] >= 0) sums[sources[i]] += x[i];
    out.set(sums);
  },
  derivative: (dOut, { attrs: { pads, mode } }) => [apply(padOp, [dOut], { pads, mode, value: 0 })],
};

function paddedShape(x: Shape, { pads, mode }: PadAttrs): Shape {
  const fail = (problem: string): never => {
    throw new ShapeError("pad", `pads ${JSON.stringify(pads)} of ${formatShape(x)}, mode "${mode}": ${problem}`, [x]);
  };
  if (pads.length !== x.length) fail(`${pads.length} pairs for ${x.length} axes. It needs a pair [before, after] for each axis.`);
  return x.map((n, axis) => {
    const [before, after] = pads[axis];
    if (n + before + after < 0) fail(`axis ${axis} has only ${n} entries to take away.`);
    const most = { constant: Infinity, replicate: n === 0 ? 0 : Infinity, reflect: Math.max(n - 1, 0), circular: n }[mode];
    if (before > most || after > most) fail(`axis ${axis} has ${n} entries, so at most ${most} can be added on either side.`);
    return n + before + after;
  });
}

export interface PadOptions {
  /** For each axis, how many entries to add before and after. Negative: how many to take away. */
  readonly pads: readonly (readonly [number, number])[];
  /** Default "constant". */
  readonly mode?: PadMode;
  /** For mode "constant". Default 0. */
  readonly value?: number;
}

const MODES: readonly string[] = ["constant", "reflect", "replicate", "circular"] satisfies PadMode[];

/**
 * Adds entries before and after each axis: a constant, or numbers of the tensor itself, whose gradients are added up.
 *
 * ```
 * 1 2 3 with 2 before and 2 after:   constant 0 0 1 2 3 0 0   reflect 3 2 1 2 3 2 1
 *                                    replicate 1 1 1 2 3 3 3   circular 2 3 1 2 3 1 2
 * ```
 *
 * @param x any dtype
 * @throws ShapeError if there is not a pair for each axis, or an axis has too few entries for the mode
 * @example
 * import { pad, tensor } from "@llr/tensor";
 * pad(tensor([1, 2, 3]), { pads: [[2, 1]], mode: "reflect" }).toArray() // => [3, 2, 1, 2, 3, 2]
 * pad(tensor([1, 2, 3]), { pads: [[3, 0]], mode: "reflect" }) // throws axis 0 has 3 entries, so at most 2 can be added
 */
export function pad(x: Tensor, options: PadOptions): Tensor {
  const { pads, mode = "constant", value = 0 } = optionsOf("pad", options);
  checkList("pad", "pads", pads);
  checkTensor("pad", x);
  if (!MODES.includes(mode)) throw new ArgumentError("pad", `the mode is "${mode}". It must be one of ${MODES.join(", ")}.`);
  if (!pads.every((pair) => pair.length === 2 && pair.every(Number.isSafeInteger))) throw new ArgumentError("pad", `pads are ${JSON.stringify(pads)}. It needs a pair of whole numbers [before, after] for each axis.`);
  return apply(padOp, [x], { pads, mode, value });
}
