import type { DType, Numbers } from "./dtype.ts";
import { heapArray } from "./dtype.ts";
import type { DeviceBuffer } from "./device.ts";
import { OnDeviceError, OpRecordError, ReleasedError } from "./errors.ts";
import type { Block } from "./memory.ts";
import { allocateFor, blockArray, bytesFor, freeBlock } from "./memory.ts";
import type { Scope } from "./scope.ts";
import type { Shape } from "./shape.ts";

/**
 * Who has the numbers, and frees them:
 * - `block`: a scope, in a block of the shared memory;
 * - `heap`: the JavaScript garbage collector, in an array;
 * - `pinned`: a parameter or buffer, in a block that is freed when nobody holds its array;
 * - `released`: nobody any more;
 * - `stub`: nobody on purpose: stands for an input that a derivative did not ask to keep.
 *
 * On a device it is the same three, with a `buffer` of the device in place of block and array.
 */
export type Place = "block" | "heap" | "pinned" | "released" | "stub";

/** Stands in the place of released numbers: every access goes through a check of `place` first. */
const NOTHING = new Float32Array(0);

/** The numbers behind one or several tensors (views share them). */
export class Storage {
  place: Place;
  array: Numbers;
  readonly dtype: DType;
  readonly length: number;
  /** The op that wrote the numbers, for messages. */
  readonly madeBy: string;
  block: Block | null;
  /** Where on a device the numbers are; null: in memory. */
  buffer: DeviceBuffer | null = null;
  /** The scope that frees the block or buffer. */
  owner: Scope | null = null;
  /** Live history records that will read these numbers in a backward pass. */
  savers = 0;
  /** Gradients under way in a running sweep that lie here. */
  holders = 0;
  /** Whoever owns it gave it back by release(). */
  handedBack = false;
  /** A layer promised that only history still needs the numbers. */
  dropped = false;
  /** Counts writes in place, so that a backward pass can refuse numbers that are no longer those it was recorded with. */
  version = 0;

  constructor(place: Place, dtype: DType, length: number, madeBy: string, array: Numbers, block: Block | null) {
    this.place = place;
    this.dtype = dtype;
    this.length = length;
    this.madeBy = madeBy;
    this.array = array;
    this.block = block;
  }

  static onHeap(dtype: DType, length: number, madeBy: string, shape: Shape = [length]): Storage {
    bytesFor(dtype, length, { op: madeBy, shape });
    return new Storage("heap", dtype, length, madeBy, heapArray(dtype, length), null);
  }

  static inBlock(dtype: DType, length: number, madeBy: string, place: "block" | "pinned" = "block", shape: Shape = [length]): Storage {
    const block = allocateFor(dtype, length, { op: madeBy, shape });
    return new Storage(place, dtype, length, madeBy, blockArray(block, dtype, length), block);
  }

  /** Takes the buffer over from the caller. */
  static onDevice(buffer: DeviceBuffer, dtype: DType, madeBy: string, place: "block" | "heap" | "pinned"): Storage {
    const storage = new Storage(place, dtype, buffer.length, madeBy, NOTHING, null);
    storage.buffer = buffer;
    if (place !== "block") releaseWhenDropped(storage, buffer);
    return storage;
  }

  static stub(dtype: DType): Storage {
    return new Storage("stub", dtype, 0, "", NOTHING, null);
  }

  /** Gives the block or buffer back. Later access throws. */
  release(): void {
    if (this.place !== "block") return;
    if (this.buffer === null) freeBlock(this.block!);
    else this.buffer.release();
    this.buffer = null;
    this.forget("released", NOTHING);
  }

  /** Gives a pinned block or buffer back, before the collector finds that nobody holds it. Returns the array that lay in the block. */
  handBack(): Numbers | null {
    if (this.place !== "pinned") return null;
    const { array, buffer } = this;
    this.handedBack = true;
    this.buffer = null;
    this.forget("released", NOTHING);
    if (buffer === null) return array;
    dropped.unregister(this);
    buffer.release();
    return null;
  }

  /** Hands the numbers over from the scope to the garbage collector: out of its block, or where they are on a device. */
  toHeap(): void {
    if (this.place !== "block") return;
    if (this.buffer !== null) {
      releaseWhenDropped(this, this.buffer);
      this.forget("heap", NOTHING);
      return;
    }
    const copy = heapArray(this.dtype, this.length);
    copy.set(this.array);
    freeBlock(this.block!);
    this.forget("heap", copy);
  }

  private forget(place: Place, array: Numbers): void {
    this.place = place;
    this.array = array;
    this.block = null;
    this.owner?.disown(this);
    this.owner = null;
  }

  /** Called when a reader in history or in a sweep is done: frees what was only kept for it. */
  releaseIfUnneeded(): void {
    if (this.dropped && this.savers === 0 && this.holders === 0) this.release();
  }

  /** Throws unless the numbers can be read. */
  checkReadable(): void {
    if (this.place === "released") throw releasedError(this);
    if (this.place === "stub") throw new OpRecordError("derivative", "it reads an input that its op does not list in `saves`. What is not listed there may be freed: list it.");
  }
}

/**
 * A backstop for buffers that no scope frees. The engine does not count a device's memory when it decides whether a collection
 * is worth while, so each storage drags an untouched ArrayBuffer of the same size (never written, hence free of cost).
 */
const dropped = new FinalizationRegistry<DeviceBuffer>((buffer) => buffer.release());
const ballast = new WeakMap<Storage, ArrayBuffer>();

function releaseWhenDropped(storage: Storage, buffer: DeviceBuffer): void {
  ballast.set(storage, new ArrayBuffer(4 * buffer.length));
  dropped.register(storage, buffer, storage);
}

/** Lets a pinned storage hold another buffer, which is retained; the one before is released. */
export function holdBuffer(storage: Storage, buffer: DeviceBuffer): void {
  buffer.retain();
  dropped.unregister(storage);
  storage.buffer!.release();
  storage.buffer = buffer;
  dropped.register(storage, buffer, storage);
}

/** For whoever needs the numbers here and now. */
export function onDeviceError(op: string, storage: Storage): OnDeviceError {
  return new OnDeviceError(op, `${storage.madeBy || "the tensor"} lies on ${storage.buffer!.device.label}, where only \`await tensor.read()\` reaches its numbers. Read it, after the scope, and go on with the result.`);
}

function releasedError(storage: Storage): ReleasedError {
  if (storage.handedBack) return new ReleasedError(storage.madeBy, `${storage.madeBy}: it was handed back by release(). Take a snapshot() before that of what you still need, or build it again.`);
  const what = storage.madeBy === "" ? "a tensor" : `the result of ${storage.madeBy}`;
  const how = storage.dropped
    ? "was handed on by a layer and freed when nothing needed it any more. Compute it again, or do not drop() it"
    : "was freed when its scope ended. Return it from the scope, or keep() it";
  return new ReleasedError(storage.madeBy, `${storage.madeBy || "tensor"}: ${what} ${how}.`);
}
