import type { DType, Numbers } from "./dtype.ts";
import { heapArray } from "./dtype.ts";
import { ShapeError } from "./errors.ts";
import { formatTensor } from "./format.ts";
import type { History } from "./history.ts";
import type { Shape } from "./shape.ts";
import { formatShape, sizeOf } from "./shape.ts";
import type { Storage } from "./storage.ts";

/**
 * An array of numbers with a shape: a value that no op changes. Made by `tensor()` and by ops, which are free functions
 * (`add(a, b)`, not `a.add(b)`), so that adding an op does not touch this class.
 *
 * @example
 * import { matmul, tensor } from "@llr/tensor";
 * const y = matmul(tensor([[1, 2], [3, 4]]), tensor([[1], [1]]));
 * y.shape // => [2, 1]
 * y.toArray() // => [3, 7]
 */
export class Tensor {
  /** Sizes of the axes; `[]` for a scalar. */
  readonly shape: Shape;
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  /** The numbers, shared by views. Not for users: see `toArray`. */
  storage: Storage;
  /** First element within the storage. Tensors are always contiguous. */
  offset: number;
  /** How the tensor was made, when an input was tracked. */
  history: History | null = null;

  /** For ops; users call {@link tensor}. */
  constructor(storage: Storage, offset: number, shape: Shape, dtype: DType) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.dtype = dtype;
    this.size = sizeOf(shape);
  }

  /** Whether gradients end here: true for parameters. */
  get isLeaf(): boolean {
    return false;
  }

  /**
   * Whether the gradient of what is computed from this tensor goes on through it. A history that a backward pass has used
   * still counts, so that a second pass is refused instead of silently stopping here; one that ended with its scope does not.
   */
  get isTracked(): boolean {
    return this.isLeaf || (this.history !== null && this.history.state !== "ended");
  }

  /** The only number of a tensor with one element. */
  item(): number {
    if (this.size !== 1) throw new ShapeError("item", `the tensor has shape ${formatShape(this.shape)}. item() reads a single number; toArray() reads all.`, [this.shape]);
    return numbersOf(this)[0];
  }

  /** A copy of all numbers in row-major order, in the typed array of the dtype. */
  toArray(): Numbers {
    const copy = heapArray(this.dtype, this.size);
    copy.set(numbersOf(this));
    return copy;
  }

  /** The same numbers without history: a constant for whatever is computed from it. */
  detach(): Tensor {
    this.storage.checkReadable();
    return new Tensor(this.storage, this.offset, this.shape, this.dtype);
  }

  toString(): string {
    return formatTensor(this);
  }

  static {
    // What console.log shows in Node and Deno.
    Object.defineProperty(Tensor.prototype, Symbol.for("nodejs.util.inspect.custom"), { value: Tensor.prototype.toString });
  }
}

/** The numbers of a tensor in place, for kernels: never written, except by the kernel that makes them. */
export function numbersOf(t: Tensor): Numbers {
  const { storage } = t;
  if (storage.place === "released" || storage.place === "stub") storage.checkReadable();
  return t.size === storage.length ? storage.array : storage.array.subarray(t.offset, t.offset + t.size);
}
