// Scopes: fast inside, safe outside. A scope owns the blocks of the tensors made in it and frees them together at its
// end, except what it returns or keeps. docs/decisions/0002-memory-contract.md states the rules and why they are so.
import { ambient, isPromise } from "./ambient.ts";
import { OnDeviceError, ScopeError } from "./errors.ts";
import type { Device, DeviceBuffer } from "./device.ts";
import type { History } from "./history.ts";
import type { Shape } from "./shape.ts";
import { Storage } from "./storage.ts";
import { checkTensor, numbersOf, Tensor } from "./tensor.ts";

/** Results are searched this deep for tensors. */
const MAXIMUM_DEPTH = 8;
/** An object may name the tensors that it holds by a method under this symbol. */
const TENSORS: unique symbol = Symbol.for("llr.tensors") as never;

interface Upload {
  readonly storage: Storage;
  /** What it is a part of. A parameter's is another after an assignment. */
  readonly whole: DeviceBuffer | null;
}

export class Scope {
  readonly parent: Scope | null;
  readonly histories: History[] = [];
  closed = false;
  /** Set when control went back to the event loop while the scope was open. */
  stale = false;
  private readonly blocks = new Set<Storage>();
  private readonly kept: Tensor[] = [];
  /** Copies of heap tensors that ops of this scope read. */
  private copies: Map<Tensor, Storage> | null = null;
  /** What ops of this scope uploaded to a device, and the parts of buffers that views took. */
  private uploads: Map<Tensor, Upload> | null = null;

  constructor(parent: Scope | null) {
    this.parent = parent;
  }

  own(storage: Storage): void {
    storage.owner = this;
    this.blocks.add(storage);
  }

  disown(storage: Storage): void {
    this.blocks.delete(storage);
  }

  /** A new block for a result of `op`. */
  allocate(t: { dtype: Tensor["dtype"]; length: number; op: string; shape?: Shape }): Storage {
    this.checkOpen(t.op);
    const storage = Storage.inBlock(t.dtype, t.length, t.op, "block", t.shape);
    this.own(storage);
    return storage;
  }

  /** The numbers of an input where kernels can reach them: a heap tensor is copied in, once a scope. */
  resident(t: Tensor): ReturnType<typeof numbersOf> {
    if (t.storage.place !== "heap" || t.storage.buffer !== null) return numbersOf(t);
    const present = this.copyOf(t);
    if (present !== undefined) return present.array;
    const copy = this.allocate({ dtype: t.dtype, length: t.size, op: t.storage.madeBy, shape: t.shape });
    copy.array.set(numbersOf(t));
    (this.copies ??= new Map()).set(t, copy);
    return copy.array;
  }

  /** This scope's copy of a heap tensor, or that of a scope around it. */
  private copyOf(t: Tensor): Storage | undefined {
    return this.copies?.get(t) ?? this.parent?.copyOf(t);
  }

  /** Before an op makes blocks or buffers, which nobody would free. */
  checkOpen(op: string): void {
    if (this.stale) refuseStale(`${op} would put its result into it`);
  }

  /** A new owner for a buffer that an op of this scope made on a device. */
  ownBuffer(buffer: DeviceBuffer, dtype: Tensor["dtype"], op: string): Storage {
    const storage = Storage.onDevice(buffer, dtype, op, "block");
    this.own(storage);
    return storage;
  }

  /**
   * The numbers of an input where a device's kernels reach them: a value in memory is uploaded once a scope. A parameter or
   * buffer in memory is not: it would be uploaded again in every step, behind the caller's back.
   */
  residentOn(device: Device, t: Tensor, op: string): DeviceBuffer {
    const { storage } = t;
    if (storage.buffer !== null && t.size === storage.length) return storage.buffer;
    const present = this.uploadOf(t);
    if (present?.whole === storage.buffer && present.storage.buffer!.device === device) return present.storage.buffer!;
    if (storage.place === "pinned" && storage.buffer === null) {
      const { name = `a ${storage.madeBy}` } = t as Tensor & { readonly name?: string }; // a parameter has one
      throw new OnDeviceError(op, `an input lies on ${device.label}, ${name} in memory. Parameters and buffers are not uploaded step by step: move the model as a whole, model.moveTo(gpu), or gpu.move() them.`);
    }
    this.checkOpen(op);
    const buffer = storage.buffer === null ? device.upload(numbersOf(t), op) : device.part(storage.buffer, t.offset, t.size);
    (this.uploads ??= new Map()).set(t, { storage: this.ownBuffer(buffer, t.dtype, storage.madeBy), whole: storage.buffer });
    return buffer;
  }

  private uploadOf(t: Tensor): Upload | undefined {
    return this.uploads?.get(t) ?? this.parent?.uploadOf(t);
  }

  keep(t: Tensor): void {
    this.kept.push(t);
  }

  /** Frees everything but `results`, which go to the parent scope, or to the heap when there is none. */
  close(results: readonly Tensor[]): void {
    if (this.closed) return;
    // First, so that nothing that moves below is still counted as saved.
    for (const history of this.histories) history.end("ended");
    try {
      toHeap(this.kept.filter((t) => t.storage.owner === this));
      for (const t of results) t.storage.checkReadable();
      const mine = results.filter((t) => t.storage.owner === this);
      if (this.parent === null) toHeap(mine);
      else for (const t of mine) this.handOver(t.storage, this.parent);
    } finally {
      for (const storage of this.blocks) storage.release();
      this.closed = true;
      ambient.scope = this.parent;
    }
  }

  private handOver(storage: Storage, parent: Scope): void {
    this.blocks.delete(storage);
    parent.own(storage);
  }
}

/**
 * A scope that was held over an await may never be closed: two that overlap cannot be in the right order any more. So the next
 * to come upon them closes all of them, and says so; after that everything works.
 */
function refuseStale(what: string): never {
  while (ambient.scope?.stale === true) ambient.scope.close([]);
  throw new ScopeError(`a scope was held open over an await, and ${what}. It is closed now, and what it held is freed. Scopes are synchronous: await first, then open the scope.`);
}

/** Runs when the current synchronous stretch of code is over: whatever is open then is held over an await. */
function markStale(): void {
  for (let open = ambient.scope; open !== null; open = open.parent) open.stale = true;
}

/**
 * Views of one storage stay one storage. A lone view of a part takes only its part along, so that returning one row does
 * not keep a whole matrix.
 */
function toHeap(tensors: readonly Tensor[]): void {
  const firstOf = new Map<Storage, Tensor>();
  const shared = new Set<Storage>();
  for (const t of tensors) {
    const first = firstOf.get(t.storage);
    if (first === undefined) firstOf.set(t.storage, t);
    else if (first !== t) shared.add(t.storage);
  }
  for (const [storage, t] of firstOf) {
    if (t.size < storage.length && !shared.has(storage)) takePart(t);
    else storage.toHeap();
  }
}

function takePart(t: Tensor): void {
  const { buffer, madeBy } = t.storage;
  if (buffer !== null) {
    t.storage = Storage.onDevice(buffer.device.part(buffer, t.offset, t.size), t.dtype, madeBy, "heap");
    t.offset = 0;
    return;
  }
  const part = Storage.onHeap(t.dtype, t.size, t.storage.madeBy);
  part.array.set(numbersOf(t));
  t.storage = part;
  t.offset = 0;
}

/** `Symbol.dispose` where a program is compiled with a library that has it, nothing elsewhere: `Disposable` would not compile there. */
type DisposeSymbol = SymbolConstructor extends { readonly dispose: infer Key extends symbol } ? Key : never;

/** A scope opened by `scope()` without a function: close it with `close()` or by a `using` declaration. */
export type OpenScope = { close(): void } & { readonly [Key in DisposeSymbol]: () => void };

/**
 * Runs `fn` and frees every tensor made in it, except those it returns (alone, or in plain arrays and objects).
 * What it returns are values: their history ends with the scope, so call `backward` inside.
 *
 * Scopes nest; results go to the parent scope without a copy, or to the JavaScript heap when there is none. An exception
 * closes every scope that it leaves. Outside any scope ops work the same and give the same bits: each is then a scope of
 * its own, and results are garbage-collected arrays (a few per cent slower for matrix-heavy code, twice as slow for
 * elementwise code).
 *
 * Without a function it returns an open scope for `using s = scope()`. Such a scope returns nothing by itself: `keep()`
 * what shall outlive it. It must be closed before the next `await`: one that is not is closed by the next op or scope,
 * which throws once.
 *
 * @throws ScopeError if `fn` returns a promise or an iterator (scopes are synchronous), a result nested deeper than 8 or
 *   a cyclic one, or when scopes are closed in the wrong order; ReleasedError if a result was already freed
 * @example
 * import { add, mul, scope, tensor } from "@llr/tensor";
 * const y = scope(() => {
 *   const x = tensor([1, 2, 3]);
 *   const square = mul(x, x); // freed at the end
 *   return add(square, 1);
 * });
 * y.toArray() // => [2, 5, 10]
 */
export function scope<R>(fn: () => R): R;
export function scope(): OpenScope;
export function scope<R>(fn?: () => R): R | OpenScope {
  if (ambient.scope?.stale === true) refuseStale("another was opened in it");
  const opened = new Scope(ambient.scope);
  ambient.scope = opened;
  return fn === undefined ? handleOf(opened) : run(opened, fn);
}

function run<R>(opened: Scope, fn: () => R): R {
  let results: readonly Tensor[] = [];
  try {
    const value = fn();
    if (ambient.scope !== opened) throw new ScopeError("an inner scope is still open at the end of an outer one. Close it (or declare it with `using`) before the function returns.");
    results = tensorsIn(value);
    return value;
  } finally {
    // An exception may have left inner scopes open: they go first, with nothing to return.
    while (ambient.scope !== null && ambient.scope !== opened && !opened.closed) ambient.scope.close([]);
    opened.close(results);
  }
}

function handleOf(opened: Scope): OpenScope {
  void Promise.resolve().then(markStale);
  const close = (): void => {
    if (opened.closed) return;
    if (ambient.scope !== opened && opened.stale) refuseStale("another was opened in it before it was closed");
    if (ambient.scope !== opened) throw new ScopeError("scopes are closed in the wrong order: an inner one is still open. Close the one opened last first.");
    opened.close([]);
  };
  return { close, [Symbol.dispose]: close };
}

/**
 * The tensor goes to the heap when its scope ends, whoever holds it. It may be called in the middle of a computation: the
 * tensor stays part of the graph until then. Outside scopes it does nothing.
 *
 * @example
 * import { keep, scope, tensor } from "@llr/tensor";
 * let last = tensor(0);
 * scope(() => {
 *   last = keep(tensor([7]));
 * });
 * last.item() // => 7
 */
export function keep(t: Tensor): Tensor {
  checkTensor("keep", t);
  t.storage.checkReadable();
  t.storage.owner?.keep(t);
  return t;
}

/**
 * For layers: nobody but history will look at `t` again. It is freed at once when no record saved it, else as soon as the
 * backward pass is done with it, instead of at the end of the scope. Users never need it; a dropped tensor that is read
 * after all throws ReleasedError.
 */
export function drop(t: Tensor): void {
  checkTensor("drop", t);
  if (t.storage.place !== "block") return;
  t.storage.dropped = true;
  t.storage.releaseIfUnneeded();
}

/** Tensors in a result: itself, or within plain arrays and objects, or named by `[Symbol.for("llr.tensors")]()`. */
function tensorsIn(value: unknown): Tensor[] {
  if (isPromise(value)) throw new ScopeError("the function returned a promise. Scopes are synchronous: await first, then open the scope around the tensor code.");
  if (typeof value === "object" && value !== null && typeof (value as Iterator<unknown>).next === "function")
    throw new ScopeError("the function returned an iterator, whose steps would run after the scope. Collect its results in an array inside the scope.");
  const found: Tensor[] = [];
  collect(value, 0, [], found);
  return found;
}

function collect(value: unknown, depth: number, path: readonly object[], found: Tensor[]): void {
  if (typeof value !== "object" || value === null) return;
  if (value instanceof Tensor) {
    found.push(value);
    return;
  }
  const named = (value as { [TENSORS]?: () => Iterable<Tensor> })[TENSORS];
  if (named !== undefined) {
    found.push(...named.call(value));
    return;
  }
  if (!Array.isArray(value) && !isPlainObject(value)) return; // typed arrays, Map, class instances: not searched
  if (path.includes(value)) throw new ScopeError("the result contains itself. Return tensors in plain arrays or objects without cycles.");
  if (depth === MAXIMUM_DEPTH) throw new ScopeError(`the result is nested deeper than ${MAXIMUM_DEPTH}. Return tensors in flatter arrays or objects.`);
  const inner = [...path, value];
  for (const entry of Object.values(value)) collect(entry, depth + 1, inner, found);
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
