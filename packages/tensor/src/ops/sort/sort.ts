import { ArgumentError } from "../../errors.ts";
import { optionsOf } from "../../options.ts";
import { formatShape, resolveAxis } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { gatherElements } from "../gather/elements.ts";
import { slice } from "../slice/slice.ts";
import { argSort, type SortOptions } from "./argSort.ts";

/** Elements in order, and where along the axis each comes from (i32). */
export interface Sorted {
  readonly values: Tensor;
  readonly indices: Tensor;
}

/**
 * Sorts along an axis. Equal elements keep their order, in either direction; NaN counts as larger than every number (as
 * PyTorch). Each value's gradient goes to the element that it is.
 *
 * @param x any dtype, at least one axis
 * @throws ArgumentError for an axis that does not exist
 * @example
 * import { sort, tensor } from "@llr/tensor";
 * const { values, indices } = sort(tensor([3, 1, 2]), { descending: true });
 * values.toArray() // => [3, 2, 1]
 * indices.toArray() // => [0, 2, 1]
 */
export function sort(x: Tensor, options: SortOptions = {}): Sorted {
  const { axis = -1, descending = false } = optionsOf("sort", options);
  checkTensor("sort", x);
  const along = resolveAxis("sort", axis, x.shape.length);
  const indices = argSort(x, { axis: along, descending });
  return { values: gatherElements(x, indices, { axis: along }), indices };
}

export interface TopkOptions {
  /** How many. */
  readonly k: number;
  /** Default: the last. */
  readonly axis?: number;
  /** Default true; false: the k smallest. */
  readonly largest?: boolean;
}

/**
 * The k largest (or smallest) elements along an axis, the most extreme first; the first of equal ones, and NaN as larger
 * than every number.
 *
 * @param x any dtype, at least one axis
 * @throws ArgumentError if the axis has fewer than k elements
 * @example
 * import { tensor, topk } from "@llr/tensor";
 * topk(tensor([5, 9, 1, 7]), { k: 2 }).indices.toArray() // => [1, 3]
 * topk(tensor([5, 9]), { k: 3 }) // throws k is 3
 */
export function topk(x: Tensor, options: TopkOptions): Sorted {
  const { k, axis = -1, largest = true } = optionsOf("topk", options);
  checkTensor("topk", x);
  const along = resolveAxis("topk", axis, x.shape.length);
  if (!Number.isSafeInteger(k) || k < 0 || k > x.shape[along]) throw new ArgumentError("topk", `k is ${k}, axis ${along} of ${formatShape(x.shape)} has ${x.shape[along]} elements. It needs a whole number from 0 to that.`);
  const indices = slice(argSort(x, { axis: along, descending: largest }), { starts: [0], ends: [k], axes: [along] });
  return { values: gatherElements(x, indices, { axis: along }), indices };
}
