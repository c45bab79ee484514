// One entry of each row, chosen by an index: what a loss over class labels reads.
import { apply } from "../../apply.ts";
import type { DType } from "../../dtype.ts";
import { isFloat } from "../../dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import type { Shape } from "../../shape.ts";
import { formatShape } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { numbersOf } from "../../tensor.ts";

export const floatAndIndices = (op: string) => ([x, indices]: readonly DType[]): DType => {
  if (!isFloat(x) || indices !== "i32") throw new DTypeError(op, `inputs have the element types ${x}, ${indices}. It needs f32 or f64, and i32 indices (an Int32Array, or { dtype: "i32" }).`);
  return x;
};

/** Shapes [rows, classes] and [rows]. */
export function checkLabelled(op: string, [x, labels]: readonly Shape[]): { rows: number; classes: number } {
  if (x.length !== 2 || labels.length !== 1 || x[0] !== labels[0])
    throw new ShapeError(op, `inputs are ${formatShape(x)} and ${formatShape(labels)}. It needs [batch, classes] and one label for each row, [batch].`, [x, labels]);
  return { rows: x[0], classes: x[1] };
}

/** Refuses labels outside [0, classes), naming the first. Those on a device cannot be looked at: there they give NaN. */
export function checkLabels(op: string, labels: Tensor, classes: number): void {
  if (labels.storage.buffer !== null) return;
  const numbers = numbersOf(labels);
  for (let i = 0; i < numbers.length; i++) {
    const label = numbers[i];
    if (label < 0 || label >= classes) throw new ArgumentError(op, `label ${label} at position ${i} is outside [0, ${classes}).`);
  }
}

export const pickOp: Primitive<null> = {
  kind: "primitive",
  name: "pick",
  dtype: floatAndIndices("pick"),
  shape: (shapes) => [checkLabelled("pick", shapes).rows],
  saves: [1],
  nan: "propagates",
  reference: (out, [x, labels], { shapes: [shape] }) => {
    const classes = shape[1];
    for (let row = 0; row < out.length; row++) out[row] = x[row * classes + labels[row]];
  },
  derivative: (dOut, { inputs: [x, labels] }) => [apply(unpickOp, [dOut, labels], { classes: x.shape[1] }), null],
};

/**
 * x[row, labels[row]] for each row.
 *
 * @param x [rows, classes]
 * @param labels [rows], i32 in [0, classes)
 * @returns [rows]
 * @throws ArgumentError for a label out of range; from labels on a device comes NaN instead
 * @example
 * import { pick, tensor } from "@llr/tensor";
 * pick(tensor([[1, 2], [3, 4]]), tensor(Int32Array.of(1, 0))).toArray() // => [2, 3]
 */
export function pick(x: Tensor, labels: Tensor): Tensor {
  checkTensor("pick", x);
  checkTensor("pick", labels);
  if (labels.dtype === "i32" && x.shape.length === 2) checkLabels("pick", labels, x.shape[1]);
  return apply(pickOp, [x, labels], null);
}

/** The numbers put back in place among zeros: derivative of `pick`, which is its derivative in turn. */
export const unpickOp: Primitive<{ readonly classes: number }> = {
  kind: "primitive",
  name: "unpick",
  dtype: floatAndIndices("unpick"),
  shape: ([x], { classes }) => [x[0], classes],
  saves: [1],
  nan: "propagates",
  reference: (out, [x, labels], { attrs: { classes } }) => {
    out.fill(0);
    for (let row = 0; row < x.length; row++) out[row * classes + labels[row]] = x[row];
  },
  derivative: (dOut, { inputs: [, labels] }) => [apply(pickOp, [dOut, labels], null), null],
};
