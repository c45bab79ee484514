// Parameters and buffers (optimizer state, running statistics) live in blocks that no scope frees: they are "pinned". Only
// they are written in place. Their arrays keep their identity and stay valid when the memory grows, so other code (an
// optimizer, a file writer) may hold on to them.
import type { DType, Numbers } from "./dtype.ts";
import { DTypeError, OnDeviceError, ShapeError } from "./errors.ts";
import type { Block } from "./memory.ts";
import { countPinned, freeBlock } from "./memory.ts";
import { optionsOf } from "./options.ts";
import type { Shape } from "./shape.ts";
import { formatShape, sameShape, sizeOf } from "./shape.ts";
import { holdBuffer, onDeviceError, Storage } from "./storage.ts";
import { checkTensor, numbersFor, numbersOf, Tensor } from "./tensor.ts";

/**
 * Gives a block back when its array is collected. The engine does not count WebAssembly memory when it decides whether a
 * collection is worth while, so each array drags an untouched ArrayBuffer of the same size (never written, hence free of
 * cost): with it models that nobody holds come back at the next turns of the event loop, without it never.
 */
const registry = new FinalizationRegistry<Block>(unpin);
const pins = new WeakMap<Numbers, Pin>();

interface Pin {
  readonly block: Block;
  readonly ballast: ArrayBuffer;
  /** Arrays that are of no use without this one: an optimizer's state of a parameter. */
  readonly dependents: WeakRef<Numbers>[];
}

function unpin(block: Block): void {
  countPinned(block, -1);
  freeBlock(block);
}

/** Gives the block of a pinned array, and of those that depend on it, back at once. Nobody may use the array afterwards. */
export function releaseArray(array: Numbers): void {
  const pin = pins.get(array);
  if (pin === undefined) return;
  pins.delete(array);
  registry.unregister(array);
  unpin(pin.block);
  for (const dependent of pin.dependents) {
    const still = dependent.deref();
    if (still !== undefined) releaseArray(still);
  }
}

export function releasePinned(storage: Storage): void {
  const array = storage.handBack();
  if (array !== null) releaseArray(array);
}

/** Storage that belongs to whoever holds its array. */
export function pinnedStorage(dtype: DType, length: number, madeBy: string): Storage {
  const storage = Storage.inBlock(dtype, length, madeBy, "pinned");
  const { array } = storage;
  const block = storage.block!;
  countPinned(block, 1);
  registry.register(array, block, array);
  pins.set(array, { block, ballast: ballastOf(array.byteLength), dependents: [] });
  return storage;
}

/** Where an engine has no addresses left for it, blocks come back later. */
function ballastOf(bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch {
    return new ArrayBuffer(0);
  }
}

/** A pinned tensor: see {@link buffer}. */
export class PinnedTensor extends Tensor {
  /** What its numbers mean. Whoever fills it from outside, such as from a file, refuses others: negative variances, fractions as counts. */
  readonly holds: "numbers" | "variances" | "counts";

  constructor(storage: Storage, shape: Shape, dtype: DType, holds: PinnedTensor["holds"] = "numbers") {
    super(storage, 0, shape, dtype);
    this.holds = holds;
  }

  /**
   * The numbers themselves, not a copy. The array stays the same for as long as the buffer is in memory. It lies in the memory
   * that all tensors share: a `structuredClone` of it, or what a worker gets by `postMessage`, is written by later assignments
   * too. To keep or send the present numbers: {@link snapshot}.
   *
   * @throws OnDeviceError while it is on a device; ReleasedError after release()
   */
  get data(): Numbers {
    this.storage.checkReadable();
    if (this.storage.buffer !== null) throw onDeviceError("data", this.storage);
    return this.storage.array;
  }

  /**
   * A copy of the present numbers in an array that nothing writes: to keep, clone or send.
   *
   * @throws OnDeviceError while it is on a device: `await read()` copies from there; ReleasedError after release()
   */
  snapshot(): Numbers {
    return this.toArray();
  }

  /**
   * Gives the memory back at once, where else it comes back when nobody holds the buffer and the program has returned to the
   * event loop. The buffer cannot be read afterwards, and an array that was taken from `data` must not be used any more: its
   * memory goes to other tensors. Twice is nothing.
   */
  release(): void {
    releasePinned(this.storage);
  }
}

/**
 * A tensor that outlives scopes and may be written in place with {@link assign}: running statistics, state.
 *
 * @param holds what its numbers mean: loading a saved state refuses a negative variance or a fraction as count
 * @example
 * import { assign, buffer, mul, scope, tensor } from "@llr/tensor";
 * const mean = buffer(tensor([0, 0]));
 * scope(() => assign(mean, mul(tensor([1, 2]), 2)));
 * mean.toArray() // => [2, 4]
 * buffer([0, 0]) // throws buffer: it was given [0, 0]. It needs a tensor
 */
export function buffer(initial: Tensor, options: { readonly holds?: PinnedTensor["holds"] } = {}): PinnedTensor {
  const { holds = "numbers" } = optionsOf("buffer", options);
  checkTensor("buffer", initial);
  const storage = pinnedStorage(initial.dtype, initial.size, "buffer");
  storage.array.set(numbersOf(initial));
  return new PinnedTensor(storage, initial.shape, initial.dtype, holds);
}

/**
 * Overwrites the numbers of a buffer or parameter. A backward pass through something that read the old ones is refused
 * afterwards.
 *
 * @throws ShapeError unless the target is pinned (values are never written) and the shapes are equal; OnDeviceError if one
 *   lies on a device and the other does not
 */
export function assign(target: Tensor, value: Tensor): void {
  checkTensor("assign", target);
  checkTensor("assign", value);
  target.storage.checkReadable();
  if (target.storage.place !== "pinned") throw new ShapeError("assign", "the target is a value. Only parameters and buffers are written in place; make one with parameter() or buffer().", [target.shape]);
  if (!sameShape(target.shape, value.shape)) throw new ShapeError("assign", `the target has shape ${formatShape(target.shape)}, the value ${formatShape(value.shape)}. They must be equal.`, [target.shape, value.shape]);
  if (target.dtype !== value.dtype) throw new DTypeError("assign", `the target is ${target.dtype}, the value ${value.dtype}. They must be equal.`);
  const { buffer } = target.storage;
  if (buffer === null) numbersOf(target).set(numbersFor("assign", value));
  else {
    if (value.storage.buffer?.device !== buffer.device) throw new OnDeviceError("assign", `the target lies on ${buffer.device.label}, the value in ${value.storage.buffer?.device.label ?? "memory"}. They need to be in one place: compute the value from tensors on the device.`);
    const whole = value.size === value.storage.length;
    const source = whole ? value.storage.buffer : buffer.device.part(value.storage.buffer, value.offset, value.size);
    holdBuffer(target.storage, source);
    if (!whole) source.release();
  }
  target.storage.version++;
}

/** A pinned tensor on the device of `initial`, with its numbers. */
export function deviceBuffer(initial: Tensor, madeBy: string): PinnedTensor {
  const { buffer } = initial.storage;
  const whole = initial.size === initial.storage.length;
  if (whole) buffer!.retain(); // buffers are never written again: both hold the same one
  const own = whole ? buffer! : buffer!.device.part(buffer!, initial.offset, initial.size);
  return new PinnedTensor(Storage.onDevice(own, initial.dtype, madeBy, "pinned"), initial.shape, initial.dtype);
}

/**
 * Zeroed pinned numbers without a tensor: gradients and optimizer state.
 *
 * @param partOf the array of a parameter: when that one is handed back, so is this
 */
export function pinnedArray(dtype: DType, shape: Shape, madeBy: string, partOf?: Numbers): Numbers {
  const { array } = pinnedStorage(dtype, sizeOf(shape), madeBy);
  if (partOf !== undefined) pins.get(partOf)?.dependents.push(new WeakRef(array));
  return array.fill(0);
}
