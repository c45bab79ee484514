// The backward sweep: records are visited in descending order of creation, so every gradient is complete when its record
// is reached. It is a loop, not a recursion: histories 100,000 ops deep are ordinary in recurrent nets.
import type { Fused, Op, Saved, View } from "@llr/tensor";
import { add, DTypeError, HistoryError, ones, OpRecordError, reshape, scope, ShapeError, Tensor, zeros } from "@llr/tensor";
import type { Device, DeviceBuffer, History, Storage } from "@llr/tensor/engine";
import { allocateHere, ambient, checkGradients, deviceOf, formatShape, numbersOf, runBackward, sameShape, uploaded, withRecording } from "@llr/tensor/engine";
import { addInto, Parameter } from "./parameter.ts";

/** Where a gradient can arrive: at the record of an op's result, or at a leaf. */
type Node = History | Tensor;

export interface SweepOptions {
  /** d something / d root, of root's shape; default 1 for a scalar root. */
  readonly seed?: Tensor;
  /** Record the sweep itself, so that gradients can be differentiated. Keeps the history. */
  readonly createGraph?: boolean;
  /** Leave the history usable for another sweep. */
  readonly keepHistory?: boolean;
}

/** The nodes whose gradients the sweep returns; null: every parameter. `stop` ends the way back at them. */
interface Goal {
  readonly wanted: ReadonlySet<Node> | null;
  readonly stop: boolean;
}

/** Gradients for `targets`, or (null) for every parameter, added to its `grad`. */
export function sweep(caller: string, root: Tensor, targets: readonly Tensor[] | null, { seed, createGraph = false, keepHistory = false }: SweepOptions, stop = false): Tensor[] {
  const start = startingPoint(caller, root);
  checkSeed(caller, root, seed);
  const goal: Goal = { wanted: targets === null ? null : new Set(targets.map((t, i) => nodeOf(t) ?? refuseTarget(caller, t, i))), stop };
  const records = collect(caller, start, goal);
  const run = (): Tensor[] => {
    const pass = new Pass(records, goal, createGraph, keepHistory || createGraph);
    try {
      pass.receive(start, besideRoot(seed ?? ones(root.shape, { dtype: root.dtype }), root));
      pass.run();
    } catch (error) {
      pass.withdraw();
      throw error;
    }
    return targets === null ? [] : targets.map((t) => pass.results.get(nodeOf(t)!) ?? zeros(t.shape, { dtype: t.dtype }));
  };
  // A recorded sweep belongs to the caller's scope: a scope of its own would end the history it records.
  if (createGraph) return withRecording(true, run);
  return withRecording(false, () => scope(run));
}

const nodeOf = (t: Tensor): Node | null => (t.isLeaf ? t : t.history);

function startingPoint(caller: string, root: Tensor): Node {
  if (!(root instanceof Tensor)) throw new HistoryError(`${caller}: the loss is ${typeof root}, not a tensor of this copy of @llr/tensor.`);
  root.storage.checkReadable();
  if (root.isLeaf) return root;
  const { history } = root;
  if (history === null)
    throw new HistoryError(`${caller}: the loss has no history: nothing it was computed from is a parameter that learns, or it was computed under noGrad or detached. Compute it from parameter() tensors.`);
  checkState(caller, history);
  return history;
}

function checkState(caller: string, { state, op }: History): void {
  if (state === "used") throw new HistoryError(`${caller}: the history of ${op.name} was already used by a backward pass. Run the forward pass again, detach() what is carried over, or pass { keepHistory: true } to the first one.`);
  if (state === "ended") throw new HistoryError(`${caller}: the history of ${op.name} ended with its scope. Call ${caller} inside the scope that made it.`);
}

function checkSeed(caller: string, root: Tensor, seed: Tensor | undefined): void {
  if (seed === undefined && root.size !== 1)
    throw new ShapeError(caller, `the loss has shape ${formatShape(root.shape)}. It needs a single number: reduce it with mean() or sum(), or pass { seed } of its shape.`, [root.shape]);
  if (seed !== undefined && !sameShape(seed.shape, root.shape))
    throw new ShapeError(caller, `the seed has shape ${formatShape(seed.shape)}, the tensor ${formatShape(root.shape)}. They must be equal.`, [seed.shape, root.shape]);
  if (seed !== undefined && seed.dtype !== root.dtype) throw new DTypeError(caller, `the seed is ${seed.dtype}, the tensor ${root.dtype}. They must be equal.`);
}

function refuseTarget(caller: string, target: Tensor, i: number): never {
  if (target instanceof Parameter) throw new HistoryError(`${caller}: input ${i} is ${target.name}, which is frozen. Set its frozen to false before computing the loss.`);
  throw new HistoryError(`${caller}: input ${i} is a constant: it has no history and is no parameter. Make it with parameter() before computing the loss.`);
}

/** The records to visit, in descending id. Everything that can be refused is refused here, before any computing. */
function collect(caller: string, start: Node, { wanted, stop }: Goal): History[] {
  if (start instanceof Tensor) return [];
  const isEnd = (node: Node): boolean => stop && wanted!.has(node);
  const seen = new Set<History>([start]);
  const stack = [start];
  for (let record = stack.pop(); record !== undefined; record = stack.pop()) {
    if (isEnd(record)) continue;
    for (const source of record.sources) {
      if (source === null || source instanceof Tensor || seen.has(source)) continue;
      checkState(caller, source); // a used record has forgotten where it led, so its gradient cannot be left out safely
      seen.add(source);
      stack.push(source);
    }
  }
  const ascending = [...seen].sort((a, b) => a.id - b.id);
  // Sources come first in this order, so one pass finds which records lead to something wanted.
  const useful = new Set<Node>(wanted ?? []);
  const leads = (record: History): boolean =>
    !isEnd(record) && record.sources.some((source) => source !== null && (useful.has(source) || (wanted === null && source instanceof Tensor)));
  for (const record of ascending) if (leads(record)) useful.add(record);
  const chosen = ascending.filter((record) => useful.has(record)).reverse();
  for (const record of chosen) if (leads(record)) checkRecord(caller, record);
  return chosen;
}

function checkRecord(caller: string, record: History): void {
  const op = record.op as Op<unknown>;
  if (op.kind !== "fused" && typeof op.derivative !== "function") throw new HistoryError(`${caller}: ${op.name} has no derivative: ${op.derivative?.refuse ?? "its record gives none"}. Detach its input, or compute it under noGrad.`);
  record.inputs.forEach((input, i) => {
    if (input.storage.place === "released") input.storage.checkReadable();
    if (input.storage.version !== record.versions[i])
      throw new HistoryError(`${caller}: ${input instanceof Parameter ? input.name : input.storage.madeBy} was updated in place after ${op.name} read it. Call ${caller} before the update, or run the forward pass again.`);
  });
}

class Pass {
  readonly results = new Map<Node, Tensor>();
  private readonly records: readonly History[];
  private readonly visited: ReadonlySet<Node>;
  private readonly goal: Goal;
  private readonly createGraph: boolean;
  private readonly keepHistory: boolean;
  /** Gradients under way, by where they go. */
  private readonly pending = new Map<Node, Tensor>();
  /** Parameters that had no gradient before. */
  private readonly begun: Parameter[] = [];

  constructor(records: readonly History[], goal: Goal, createGraph: boolean, keepHistory: boolean) {
    this.records = records;
    this.visited = new Set(records);
    this.goal = goal;
    this.createGraph = createGraph;
    this.keepHistory = keepHistory;
  }

  run(): void {
    for (const record of this.records) {
      const dOut = this.pending.get(record);
      if (dOut === undefined) continue;
      this.pending.delete(record);
      const isWanted = this.goal.wanted?.has(record) ?? false;
      if (isWanted) this.results.set(record, dOut);
      if (!(isWanted && this.goal.stop)) this.pass(record, dOut);
      dOut.storage.holders--;
      this.discard(dOut);
      if (!this.keepHistory) record.end("used");
    }
  }

  /**
   * The gradient of a part of a tensor is added in place into that of the whole: a whole gradient of zeros for every part
   * would cost the square of their number. False: left to the op's derivative.
   */
  private passPart({ op, attrs, inputs: [{ shape, size, dtype }], sources: [source] }: History, dOut: Tensor): boolean {
    if (dOut.size === size || isOnDevice(dOut) || source === null || source instanceof Tensor) return false;
    let whole = this.pending.get(source);
    if (whole === undefined) {
      whole = new Tensor(allocateHere(dtype, size, `${op.name} gradient`), 0, shape, dtype);
      numbersOf(whole).fill(0);
      this.receiveAtRecord(source, whole);
    } else if (!this.mayWrite(whole)) return false;
    const from = (op as View<unknown>).offset([shape], attrs);
    addInto(numbersOf(whole).subarray(from, from + dOut.size), numbersOf(dOut));
    return true;
  }

  private isUseful(source: Node | null): boolean {
    if (source === null) return false;
    if (source instanceof Tensor) return this.goal.wanted?.has(source) ?? true;
    return this.visited.has(source);
  }

  /** From the gradient of a result to the gradients of its inputs. */
  private pass(record: History, dOut: Tensor): void {
    const needs = record.sources.map((source) => this.isUseful(source));
    if (!needs.includes(true)) return;
    if (!this.createGraph && record.op.kind === "view" && this.passPart(record, dOut)) return;
    const gradients = this.createGraph ? this.recorded(record, dOut, needs) : scope(() => this.derive(record, dOut, needs));
    checkGradients(record.op.name, gradients, record.inputs);
    gradients.forEach((gradient, i) => {
      if (gradient !== null && needs[i]) this.receive(record.sources[i]!, gradient);
    });
  }

  /** First order: temporaries are freed as soon as this record is done. */
  private derive(record: History, dOut: Tensor, needs: readonly boolean[]): readonly (Tensor | null)[] {
    const op = record.op as Op<unknown>;
    if (op.kind === "fused") return fusedBackward(op, record, dOut, needs);
    return (op.derivative as (d: Tensor, s: Saved<unknown>) => readonly (Tensor | null)[])(dOut, savedOf(record, needs));
  }

  /** Higher orders: a fused op is replaced by its definition, recorded and swept in turn. */
  private recorded(record: History, dOut: Tensor, needs: readonly boolean[]): readonly (Tensor | null)[] {
    const op = record.op as Op<unknown>;
    if (op.kind !== "fused") return this.derive(record, dOut, needs);
    // Views are nodes of their own: the inner sweep stops at them, and keeps apart an input that is passed twice.
    const inputs = record.inputs.map((input, i) => (needs[i] ? reshape(input, input.shape) : input));
    const result = op.definition(inputs, record.attrs);
    if (!result.isTracked) return inputs.map(() => null); // a constant, such as the product of no numbers
    const asked = inputs.filter((_, i) => needs[i]);
    const found = sweep("grad", result, asked, { seed: dOut, createGraph: true }, true);
    return inputs.map((input) => found[asked.indexOf(input)] ?? null);
  }

  receive(node: Node, gradient: Tensor): void {
    if (node instanceof Tensor) this.receiveAtLeaf(node, gradient);
    else this.receiveAtRecord(node, gradient);
    this.discard(gradient);
  }

  private receiveAtLeaf(leaf: Tensor, gradient: Tensor): void {
    if (this.goal.wanted === null) {
      this.accumulate(leaf as Parameter, gradient);
      return;
    }
    const before = this.results.get(leaf);
    this.results.set(leaf, before === undefined ? gradient : add(before, gradient));
  }

  private accumulate(leaf: Parameter, gradient: Tensor): void {
    if (!leaf.hasGradient) this.begun.push(leaf);
    leaf.accumulate(gradient);
  }

  /** A part of a gradient must not pass for a whole one. Sums that earlier passes began keep what was added to them. */
  withdraw(): void {
    for (const leaf of this.begun) leaf.dropGradient();
  }

  private receiveAtRecord(record: History, gradient: Tensor): void {
    const before = this.pending.get(record);
    if (before !== undefined && !isOnDevice(gradient) && this.mayWrite(before)) {
      addInto(numbersOf(before), numbersOf(gradient));
      return;
    }
    const total = before === undefined ? gradient : add(before, gradient);
    total.storage.holders++;
    this.pending.set(record, total);
    if (before !== undefined) {
      before.storage.holders--;
      this.discard(before);
    }
  }

  /** A gradient may be shared (add hands the same one to both inputs): only an exclusive temporary is written in place. */
  private mayWrite({ storage, size }: Tensor): boolean {
    return storage.buffer === null && storage.holders === 1 && size === storage.length && this.isTemporary(storage);
  }

  /** Frees a temporary in which no gradient is under way any more. */
  private discard({ storage }: Tensor): void {
    if (storage.holders === 0 && this.isTemporary(storage)) storage.release();
  }

  /** Made by this sweep and of no interest to its caller. */
  private isTemporary(storage: Storage): boolean {
    if (this.createGraph || storage.owner !== ambient.scope) return false;
    for (const t of this.results.values()) if (t.storage === storage) return false;
    return true;
  }
}

/** Everything that a sweep computes follows from the seed: on a device it begins there. */
const besideRoot = (seed: Tensor, { storage: { buffer } }: Tensor): Tensor => (buffer === null || isOnDevice(seed) ? seed : uploaded(seed, buffer.device));

const isOnDevice = ({ storage }: Tensor): boolean => storage.buffer !== null;

function savedOf(record: History, needs: readonly boolean[]): Saved<unknown> {
  const { inputs, aux, attrs, shape } = record;
  return {
    inputs, aux, attrs, shape, needs,
    get output(): Tensor {
      if (record.output === null) throw new OpRecordError(record.op.name, "its derivative reads the output, which `saves` does not list. Add \"output\" to it.");
      return record.output;
    },
  };
}

function fusedBackward(op: Fused<unknown>, record: History, dOut: Tensor, needs: readonly boolean[]): (Tensor | null)[] {
  const { inputs, attrs, shape, aux } = record;
  const device = deviceOf(op.name, [dOut, ...inputs, ...aux]);
  if (device !== null) return fusedBackwardOn(device, op, record, dOut, needs);
  const gradients = inputs.map(({ shape: s, dtype, size }, i) => (needs[i] ? new Tensor(allocateHere(dtype, size, `${op.name} gradient`), 0, s, dtype) : null));
  const arrays = (tensors: readonly (Tensor | null)[]): (ReturnType<typeof numbersOf> | null)[] => tensors.map((t) => (t === null ? null : ambient.scope!.resident(t)));
  const output = record.output === null ? new Float32Array(0) : ambient.scope!.resident(record.output);
  runBackward(op, arrays(gradients), ambient.scope!.resident(dOut), arrays(inputs) as never, output, { shapes: inputs.map((t) => t.shape), shape, attrs }, arrays(aux) as never);
  return gradients;
}

function fusedBackwardOn(device: Device, op: Fused<unknown>, { inputs, output, attrs, shape, aux }: History, dOut: Tensor, needs: readonly boolean[]): (Tensor | null)[] {
  const scope = ambient.scope!;
  scope.checkOpen(op.name);
  const resident = (t: Tensor): DeviceBuffer => scope.residentOn(device, t, op.name);
  const call = { shapes: inputs.map((t) => t.shape), shape, attrs };
  const gradients = device.backward(op, needs, resident(dOut), inputs.map(resident), output && resident(output), call, aux.map(resident));
  return gradients.map((buffer, i) => buffer && new Tensor(scope.ownBuffer(buffer, inputs[i].dtype, `${op.name} gradient`), 0, inputs[i].shape, inputs[i].dtype));
}
