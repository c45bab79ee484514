import { apply } from "../../apply.ts";
import { ArgumentError, DTypeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { checkIndices } from "../gather/indices.ts";

export interface OneHot {
  readonly depth: number;
  readonly dtype: "f32" | "f64";
}

export const oneHotOp: Primitive<OneHot> = {
  kind: "primitive",
  name: "oneHot",
  dtype: ([labels], { dtype }) => {
    if (labels !== "i32") throw new DTypeError("oneHot", `the labels have the element type ${labels}. They must be i32: an Int32Array, or { dtype: "i32" }.`);
    return dtype;
  },
  shape: ([labels], { depth }) => {
    if (!Number.isSafeInteger(depth) || depth < 0) throw new ArgumentError("oneHot", `depth is ${depth}. It must be a whole number >= 0, the number of classes.`);
    return [...labels, depth];
  },
  saves: [],
  nan: "compares",
  reference: (out, [labels], { attrs: { depth } }) => {
    out.fill(0);
    for (let i = 0; i < labels.length; i++) out[i * depth + labels[i]] = 1;
  },
  derivative: { refuse: "its input is an index" },
};

/**
 * For each label a row of zeros with a 1 at the label.
 *
 * @param labels i32 in [0, depth) of any shape
 * @param depth number of classes
 * @param dtype default f32
 * @returns [...labels.shape, depth]
 * @throws ArgumentError for a label out of range; on a device it gives zeros only
 * @example
 * import { oneHot, tensor } from "@llr/tensor";
 * oneHot(tensor(Int32Array.of(2, 0)), { depth: 3 }).toArray() // => [0, 0, 1, 1, 0, 0]
 * oneHot(tensor(Int32Array.of(3)), { depth: 3 }) // throws label 3 at position 0 is outside [0, 3)
 */
export function oneHot(labels: Tensor, options: { readonly depth: number; readonly dtype?: "f32" | "f64" }): Tensor {
  const { depth, dtype = "f32" } = optionsOf("oneHot", options);
  checkTensor("oneHot", labels);
  if (labels.storage.buffer === null) checkIndices("oneHot", labels, depth, 0, "label");
  return apply(oneHotOp, [labels], { depth, dtype });
}
