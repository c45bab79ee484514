import type { DType, Numbers } from "./dtype.ts";
import { heapArray } from "./dtype.ts";
import { InternalError, ReleasedError } from "./errors.ts";
import type { Block } from "./memory.ts";
import { allocateFor, blockArray, freeBlock } from "./memory.ts";
import type { Scope } from "./scope.ts";
import type { Shape } from "./shape.ts";

/**
 * Where the numbers are:
 * - `block`: in a block of the shared memory that a scope owns and frees;
 * - `heap`: in an array of the JavaScript garbage collector;
 * - `pinned`: in a block that belongs to a parameter or buffer, freed when nobody holds its array;
 * - `released`: nowhere any more;
 * - `stub`: nowhere on purpose: stands for an input that a derivative did not ask to keep.
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
  /** The scope that frees the block. */
  owner: Scope | null = null;
  /** Live history records that will read these numbers in a backward pass. */
  savers = 0;
  /** Gradients under way in a running sweep that lie here. */
  holders = 0;
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

  static onHeap(dtype: DType, length: number, madeBy: string): Storage {
    return new Storage("heap", dtype, length, madeBy, heapArray(dtype, length), null);
  }

  static inBlock(dtype: DType, length: number, madeBy: string, place: "block" | "pinned" = "block", shape: Shape = [length]): Storage {
    const block = allocateFor(dtype, length, { op: madeBy, shape });
    return new Storage(place, dtype, length, madeBy, blockArray(block, dtype, length), block);
  }

  static stub(dtype: DType): Storage {
    return new Storage("stub", dtype, 0, "", NOTHING, null);
  }

  /** Gives the block back. Later access throws. */
  release(): void {
    if (this.place !== "block") return;
    freeBlock(this.block!);
    this.forget("released", NOTHING);
  }

  /** Moves the numbers out of the scope's block to the garbage collector. */
  toHeap(): void {
    if (this.place !== "block") return;
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
    if (this.place === "stub") throw new InternalError("a derivative reads an input that its op does not list in `saves`.");
  }
}

function releasedError(storage: Storage): ReleasedError {
  const what = storage.madeBy === "" ? "a tensor" : `the result of ${storage.madeBy}`;
  const how = storage.dropped
    ? "was handed on by a layer and freed when nothing needed it any more. Compute it again, or do not drop() it"
    : "was freed when its scope ended. Return it from the scope, or keep() it";
  return new ReleasedError(storage.madeBy, `${storage.madeBy || "tensor"}: ${what} ${how}.`);
}
