import type { DType, Numbers, Shape, TensorSource } from "@llr/tensor";
import { add, assign, DTypeError, OnDeviceError, type PinnedTensor, ShapeError, Tensor, tensor } from "@llr/tensor";
import type { Storage } from "@llr/tensor/engine";
import { addInPlace, describe, deviceBuffer, formatShape, isFloat, isShape, numbersFor, numbersOf, pinnedArray, pinnedStorage, releaseArray, releasePinned, runsInPlace, sameShape, uploaded } from "@llr/tensor/engine";

type Floats = Float32Array | Float64Array;

/**
 * A tensor that is learned: gradients end here. Its numbers and its gradient are arrays that keep their identity and are
 * written in place, so a parameter is directly what `@llr/optim` takes: `{ name, data, grad, shape, layer, afterUpdate }`.
 */
export class Parameter extends Tensor {
  /** For messages, records and saved state. A module sets the full path, such as `conv1.weight`. */
  name: string;
  /** The layer that the parameter belongs to, such as `conv1`: parameters of a layer share a layer-wise rate. */
  layer: string;
  /** d loss / d parameter, while the parameter is in memory. */
  private gradient: Floats | null = null;
  /** Made at the first backward pass and used from then on. */
  private gradBuffer: Floats | null = null;
  /** The same two on a device. */
  private deviceGradient: PinnedTensor | null = null;
  private deviceGradBuffer: PinnedTensor | null = null;
  /** Where the parameter lay when it got its gradient. */
  private gradientOf: Storage;
  private isFrozen = false;

  constructor(initial: Tensor, name: string, layer: string) {
    if (!isFloat(initial.dtype)) throw new DTypeError("parameter", `${name} is ${initial.dtype}. Only f32 and f64 can be learned.`);
    const storage = pinnedStorage(initial.dtype, initial.size, name);
    storage.array.set(numbersOf(initial));
    super(storage, 0, initial.shape, initial.dtype);
    this.gradientOf = storage;
    this.name = name;
    this.layer = layer;
  }

  /**
   * d loss / d parameter, summed over backward passes since it was last null. A move leaves it null.
   *
   * @throws OnDeviceError while the parameter lies on a device, and so does its gradient: see {@link deviceGrad};
   *   ReleasedError after release()
   */
  get grad(): Floats | null {
    this.checkInMemory();
    this.forgetIfMoved();
    return this.gradient;
  }

  set grad(grad: Floats | null) {
    this.checkInMemory();
    this.forgetIfMoved();
    this.gradient = grad;
  }

  /** d loss / d parameter on the device that the parameter lies on, summed over backward passes since it was last null. */
  get deviceGrad(): PinnedTensor | null {
    this.forgetIfMoved();
    return this.deviceGradient;
  }

  /** To be set to null only; passes put it there. */
  set deviceGrad(none: null) {
    this.deviceGradient = none;
  }

  /** Not while it is frozen: then it is a constant to what is computed from it. */
  override get isLeaf(): boolean {
    return !this.isFrozen;
  }

  /**
   * Whether it is left as it is: it gets no gradient, and a step of an optimizer leaves it and its state alone. What is
   * computed from frozen parameters and constants only has no history, so that freezing the first layers also saves their
   * backward pass and the memory for it. Setting it to true drops a gradient that is there. Default false.
   *
   * @example
   * import { backward, parameter } from "@llr/autograd";
   * import { mul, sum } from "@llr/tensor";
   * const [a, b] = [parameter([1, 2]), parameter([3, 4])];
   * a.frozen = true;
   * backward(sum(mul(a, b)));
   * [a.grad, b.grad] // => [null, [1, 2]]
   */
  get frozen(): boolean {
    return this.isFrozen;
  }

  set frozen(frozen: boolean) {
    this.isFrozen = frozen;
    if (frozen) this.dropGradient();
  }

  /** Whether there is a gradient, wherever the parameter lies. */
  get hasGradient(): boolean {
    this.forgetIfMoved();
    return this.gradient !== null || this.deviceGradient !== null;
  }

  /** Sets the gradient to null, wherever the parameter lies. */
  dropGradient(): void {
    this.gradient = this.deviceGradient = null;
  }

  /**
   * The numbers themselves, not a copy. Hold on to this array, not to a subarray of it. It lies in the memory that all tensors
   * share: a `structuredClone` of it, or what a worker gets by `postMessage`, goes on changing with the training. To keep or
   * send the present numbers: {@link snapshot}.
   *
   * @throws OnDeviceError while the parameter lies on a device; ReleasedError after release()
   */
  get data(): Floats {
    this.checkInMemory();
    return this.storage.array as Floats;
  }

  /**
   * A copy of the present numbers in an array that training leaves as it is: to keep, clone or send.
   *
   * @throws OnDeviceError while the parameter lies on a device: `await read()` copies from there; ReleasedError after release()
   * @example
   * import { parameter } from "@llr/autograd";
   * const w = parameter([1, 2]);
   * const best = w.snapshot();
   * const shared = structuredClone(w.data); // the same memory under another array
   * w.data[0] = 9;
   * [best[0], shared[0]] // => [1, 9]
   */
  snapshot(): Floats {
    return this.toArray() as Floats;
  }

  /**
   * Gives the memory of numbers and gradient, and of what an optimizer remembers of them, back at once, where else it comes back
   * when nobody holds them and the program has returned to the event loop. The parameter cannot be read afterwards, and arrays
   * that were taken from it (`data`, `grad`) must not be used any more: their memory goes to other tensors. Twice is nothing.
   */
  release(): void {
    if (this.gradBuffer !== null) releaseArray(this.gradBuffer);
    this.deviceGradBuffer?.release();
    this.gradBuffer = this.deviceGradBuffer = null;
    this.dropGradient();
    releasePinned(this.storage);
  }

  /** To be called by whoever wrote `data`: a backward pass through older values is refused from then on. */
  afterUpdate(): void {
    this.storage.version++;
  }

  /** Adds to the gradient; the first addition after null overwrites, so nobody needs to fill zeros. Not while it is frozen. */
  accumulate(gradient: Tensor): void {
    if (this.isFrozen) return; // since the forward pass
    this.forgetIfMoved();
    if (this.storage.buffer !== null) {
      this.accumulateOnDevice(gradient);
      return;
    }
    const numbers = numbersFor(this.name, gradient);
    if (this.grad === null) {
      this.gradBuffer ??= pinnedArray(this.dtype, this.shape, `${this.name} gradient`) as Floats;
      this.gradBuffer.set(numbers);
      this.grad = this.gradBuffer;
    } else addInto(this.grad, numbers);
  }

  private accumulateOnDevice(found: Tensor): void {
    const { device } = this.storage.buffer!;
    const gradient = found.storage.buffer === null ? uploaded(found, device) : found; // the parameter was moved since the forward pass
    const buffer = this.deviceGradBuffer;
    if (buffer?.storage.buffer!.device !== device) this.deviceGradBuffer = deviceBuffer(gradient, `${this.name} gradient`);
    else assign(buffer, this.deviceGradient === null ? gradient : add(buffer, gradient));
    this.deviceGradient = this.deviceGradBuffer;
  }

  /** Gradients of another place are not taken along: they would lie there still after passes elsewhere, and be taken for news. */
  private forgetIfMoved(): void {
    if (this.gradientOf === this.storage) return;
    this.dropGradient();
    this.gradientOf = this.storage;
  }

  private checkInMemory(): void {
    this.storage.checkReadable();
    if (this.storage.buffer === null) return;
    const { label } = this.storage.buffer.device;
    throw new OnDeviceError(this.name, `${this.name} lies on ${label}, where its numbers and gradient are no arrays. To train it there: deviceOptimizer of @llr/train/gpu. To look at it: await tensor.read(). To have it back in memory: await model.moveFrom(gpu), or gpu.retrieve().`);
  }

  /**
   * Replaces the numbers, for example by saved ones.
   *
   * @throws ShapeError, before anything is written, unless the shapes are equal
   */
  load(source: { readonly shape: Shape; readonly data: ArrayLike<number> }): void {
    if (!isShape(source?.shape) || typeof source.data?.length !== "number") throw new ShapeError(this.name, `it was given ${describe(source)}. It needs { shape, data }, a shape of whole numbers and an array of as many numbers.`, [this.shape]);
    if (!sameShape(source.shape, this.shape) || source.data.length !== this.size)
      throw new ShapeError(this.name, `the parameter has shape ${formatShape(this.shape)}, the given numbers have ${formatShape(source.shape)} (${source.data.length}). They must be equal.`, [this.shape, source.shape]);
    this.data.set(source.data);
    this.afterUpdate();
  }
}

/** target[i] += source[i]: by a kernel when both lie where kernels reach. */
export function addInto(target: Numbers, source: Numbers): void {
  if (runsInPlace(target, source)) addInPlace(target, source);
  else for (let i = 0; i < target.length; i++) target[i] = target[i] + source[i];
}

/**
 * A parameter with the given start values, which are copied. It outlives every scope.
 *
 * @example
 * import { backward, parameter } from "@llr/autograd";
 * import { mul, sum } from "@llr/tensor";
 * const w = parameter([1, 2], { name: "w" });
 * backward(sum(mul(w, w)));
 * w.grad // => [2, 4]
 */
export function parameter(initial: TensorSource | Tensor, { name = "parameter", layer = "", dtype, shape }: { name?: string; layer?: string; dtype?: DType; shape?: Shape } = {}): Parameter {
  const start = initial instanceof Tensor ? initial : tensor(initial, { ...(dtype && { dtype }), ...(shape && { shape }) });
  return new Parameter(start, name, layer);
}
