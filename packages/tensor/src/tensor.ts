import type { DType, Numbers } from "./dtype.ts";
import { heapArray } from "./dtype.ts";
import { ArgumentError, ShapeError } from "./errors.ts";
import { describe, formatTensor } from "./format.ts";
import type { History } from "./history.ts";
import type { Shape } from "./shape.ts";
import { formatShape, sizeOf } from "./shape.ts";
import type { Storage } from "./storage.ts";
import { onDeviceError } from "./storage.ts";

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

  /**
   * The only number of a tensor with one element.
   *
   * @throws OnDeviceError for a tensor on a device: `await t.read()` is the only way to its numbers
   */
  item(): number {
    if (this.size !== 1) throw new ShapeError("item", `the tensor has shape ${formatShape(this.shape)}. item() reads a single number; toArray() reads all.`, [this.shape]);
    return numbersFor("item", this)[0];
  }

  /**
   * A copy of all numbers in row-major order, in the typed array of the dtype.
   *
   * @throws OnDeviceError for a tensor on a device: `await t.read()` is the only way to its numbers
   */
  toArray(): Numbers {
    const numbers = numbersFor("toArray", this);
    const copy = heapArray(this.dtype, this.size);
    copy.set(numbers);
    return copy;
  }

  /**
   * A copy of all numbers, wherever they are. From a device they come when the device has computed them. Which numbers is
   * settled at the call: what happens to the tensor afterwards (its scope ends, a parameter is updated) does not matter.
   *
   * @throws ReleasedError, at the call, if the tensor was freed
   * @example
   * import { tensor } from "@llr/tensor";
   * await tensor([1, 2]).read() // => [1, 2]
   */
  read(): Promise<Numbers> {
    const { storage, offset, size } = this;
    if (storage.buffer === null) return Promise.resolve(this.toArray());
    return storage.buffer.device.read(storage.buffer, offset, size).then((numbers) => {
      if (this.dtype === "f32") return numbers;
      const converted = heapArray(this.dtype, size);
      converted.set(numbers);
      return converted;
    });
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

/** For functions that look at a tensor before an op does. @throws ArgumentError for anything else */
export function checkTensor(op: string, value: unknown): asserts value is Tensor {
  if (!(value instanceof Tensor)) throw new ArgumentError(op, `it was given ${describe(value)}. It needs a tensor of this copy of @llr/tensor; make one with tensor().`);
}

/** The shape of what should be a tensor. @throws ArgumentError for anything else */
export function shapeOf(op: string, value: Tensor): Shape {
  checkTensor(op, value);
  return value.shape;
}

/** The numbers of a tensor in place, for kernels: never written, except by the kernel that makes them. */
export const numbersOf = (t: Tensor): Numbers => numbersFor("tensor", t);

/** The same for a caller that messages can name. */
export function numbersFor(op: string, t: Tensor): Numbers {
  const { storage } = t;
  if (storage.place === "released" || storage.place === "stub") storage.checkReadable();
  if (storage.buffer !== null) throw onDeviceError(op, storage);
  return t.size === storage.length ? storage.array : storage.array.subarray(t.offset, t.offset + t.size);
}
