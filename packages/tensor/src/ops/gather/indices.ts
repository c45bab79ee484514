// What the ops that read or write at indices have in common.
import type { DType } from "../../dtype.ts";
import { ArgumentError, DTypeError } from "../../errors.ts";
import type { Tensor } from "../../tensor.ts";
import { numbersFor } from "../../tensor.ts";

/** Dtype rule of ops on a tensor of any dtype and i32 indices. */
export const anyAndIndices = (op: string) => ([x, indices]: readonly DType[]): DType => {
  if (indices !== "i32") throw new DTypeError(op, `the indices have the element type ${indices}. They must be i32: an Int32Array, or { dtype: "i32" }.`);
  return x;
};

/** Refuses indices outside [lowest, size), naming the first. */
export function checkIndices(op: string, indices: Tensor, size: number, lowest: number, what = "index"): void {
  if (indices.dtype !== "i32") return; // the dtype rule has the better message
  const numbers = numbersFor(op, indices); // refuses those on a device, which nobody could look at: kernels would read beside the axis
  for (let i = 0; i < numbers.length; i++)
    if (numbers[i] < lowest || numbers[i] >= size) throw new ArgumentError(op, `${what} ${numbers[i]} at position ${i} is outside [${lowest}, ${size}).`);
}
