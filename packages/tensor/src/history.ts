import type { DType } from "./dtype.ts";
import { OpRecordError } from "./errors.ts";
import type { Op } from "./op.ts";
import type { Scope } from "./scope.ts";
import type { Shape } from "./shape.ts";
import { Storage } from "./storage.ts";
import { Tensor } from "./tensor.ts";

/** `live`: can be swept; `used`: a sweep consumed it; `ended`: its scope is closed, so what it saved is gone. */
export type HistoryState = "live" | "used" | "ended";

/** Stubs carry the shape and dtype of an input, and no numbers. */
const stubs: Record<DType, Storage> = { f32: Storage.stub("f32"), f64: Storage.stub("f64"), i32: Storage.stub("i32"), bool: Storage.stub("bool") };
export const stubOf = (shape: Shape, dtype: DType): Tensor => new Tensor(stubs[dtype], 0, shape, dtype);

let lastId = 0;

/**
 * How one tensor was made: data, not a closure, so that it can be listed, printed, checked and freed selectively.
 * Created by `apply` when an input is tracked; consumed by a backward sweep, which visits records in descending `id`.
 */
export class History {
  /** Creation order: every record has a larger id than those it was made from. */
  readonly id: number = ++lastId;
  readonly op: Op;
  readonly attrs: unknown;
  readonly shape: Shape;
  readonly dtype: DType;
  /** For each input, where its gradient goes on to: the record that made it, a leaf (parameter), or nowhere. */
  sources: readonly (History | Tensor | null)[];
  /** The inputs that the derivative reads; stubs in place of the others, so that their memory can go. */
  inputs: readonly Tensor[];
  /** Versions of the saved inputs' storages when they were read. */
  versions: readonly number[];
  aux: readonly Tensor[];
  /** The result itself, when the derivative reads it. */
  output: Tensor | null;
  state: HistoryState = "live";

  constructor(op: Op, attrs: unknown, inputs: readonly Tensor[], aux: readonly Tensor[], result: Tensor, scope: Scope | null) {
    if (!Array.isArray(op.saves)) throw new OpRecordError(op.name, "it has no list `saves`. It must name the inputs that the derivative reads, by position, and \"output\" if it reads the result; [] for none.");
    this.op = op;
    this.attrs = attrs;
    this.shape = result.shape;
    this.dtype = result.dtype;
    this.sources = inputs.map((t) => (t.isLeaf ? t : t.isTracked ? t.history : null));
    this.inputs = inputs.map((t, i) => (op.saves.includes(i) ? t : stubOf(t.shape, t.dtype)));
    this.versions = this.inputs.map((t) => t.storage.version);
    this.aux = aux;
    this.output = op.saves.includes("output") ? result : null;
    for (const t of this.saved()) t.storage.savers++;
    scope?.histories.push(this);
  }

  /** Everything whose numbers the derivative will read. */
  private saved(): Tensor[] {
    const tensors = [...this.inputs.filter((t) => t.storage.place !== "stub"), ...this.aux];
    if (this.output !== null) tensors.push(this.output);
    return tensors;
  }

  /** Lets go of everything that was kept for the derivative. A used record ends with its scope as well. */
  end(state: "used" | "ended"): void {
    for (const { storage } of this.saved()) {
      storage.savers--;
      storage.releaseIfUnneeded();
    }
    this.state = state;
    this.sources = [];
    this.inputs = [];
    this.aux = [];
    this.output = null;
  }
}
