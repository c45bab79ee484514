import { ambient } from "./ambient.ts";
import type { Device } from "./device.ts";
import { deviceOf } from "./device.ts";
import type { Numbers } from "./dtype.ts";
import { isFloat } from "./dtype.ts";
import { ArgumentError } from "./errors.ts";
import { describe } from "./format.ts";
import { History } from "./history.ts";
import { runForward } from "./home.ts";
import type { Fused, Op, Primitive, View } from "./op.ts";
import { sameFloat } from "./op.ts";
import { auxOf, checkRecord, checkResult, viewOffset } from "./record.ts";
import { Scope } from "./scope.ts";
import type { Shape } from "./shape.ts";
import { sizeOf } from "./shape.ts";
import type { Storage } from "./storage.ts";
import { Tensor } from "./tensor.ts";

/**
 * Runs an op: checks, kernel, and a history record if an input is tracked. Every op, built in or a user's own, goes
 * through here.
 *
 * The result belongs to the innermost open scope. With none open the op is a scope of its own: inputs are copied in, the
 * same kernel runs, the result is copied out to the JavaScript heap. One code path, the same bits.
 *
 * An op runs where its inputs are: on a device if one of them lies there, and then values in memory are uploaded for it.
 *
 * @throws ShapeError, DTypeError, ArgumentError from the op's rules; OpRecordError when the record gives what cannot be, such
 *   as a shape with a fraction; ReleasedError for an input that was freed; NoKernelError for an op that a device cannot run;
 *   MemoryError for a result that does not fit; all before anything is computed
 * @example
 * import type { Primitive } from "@llr/tensor";
 * import { apply, mul, tensor } from "@llr/tensor";
 * const cube: Primitive<null> = {
 *   kind: "primitive", name: "cube", saves: [0], nan: "propagates",
 *   shape: ([x]) => x,
 *   reference: (out, [x]) => { for (let i = 0; i < out.length; i++) out[i] = x[i] ** 3; },
 *   derivative: (dOut, { inputs: [x] }) => [mul(dOut, mul(mul(x, x), 3))],
 * };
 * apply(cube, [tensor([1, 2, 3])], null).toArray() // => [1, 8, 27]
 */
export function apply<A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor {
  const { result, aux } = run(op, inputs, attrs);
  if (result.history === null) for (const t of aux) t.storage.release();
  return result;
}

/**
 * As {@link apply}, with the op's hidden outputs as results beside the first: what else a kernel found out on its way, such
 * as the batch statistics of batchNorm. They are values: no gradient goes through them.
 */
export function applyWithAux<A>(op: Primitive<A> | Fused<A>, inputs: readonly Tensor[], attrs: A): Computed {
  return run(op, inputs, attrs);
}

/** What a record lacks shows as an error of the engine. It is looked for only then: a check before every op would cost each of them. */
function run<A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Computed {
  try {
    return runOp(op, inputs, attrs);
  } catch (error) {
    if (error instanceof TypeError) checkRecord(op);
    throw error;
  }
}

function runOp<A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Computed {
  if (!Array.isArray(inputs)) throw new ArgumentError(op.name, `the inputs are ${describe(inputs)}. It needs an array of tensors.`);
  for (const t of inputs) if (!(t instanceof Tensor)) throw new ArgumentError(op.name, `an input is ${describe(t)}. It needs tensors of this copy of @llr/tensor; make one with tensor().`);
  const shapes = inputs.map((t) => t.shape);
  const dtypes = inputs.map((t) => t.dtype);
  const dtype = op.dtype ? op.dtype(dtypes, attrs) : sameFloat(op.name, dtypes);
  const shape = op.shape(shapes, attrs);
  checkResult(op.name, shape, dtype, shapes, dtypes);
  for (const t of inputs) t.storage.checkReadable();
  if (op.kind !== "primitive" && op.kind !== "fused" && op.kind !== "view") checkRecord(op);

  const device = deviceOf(op.name, inputs);
  const computed = op.kind === "view"
    ? { result: view(op, inputs, shapes, shape, attrs), aux: [] }
    : ambient.scope === null
      ? computeOutside(op, inputs, { shapes, shape, attrs }, dtype, device)
      : computeIn(ambient.scope, op, inputs, { shapes, shape, attrs }, dtype, device);

  if (ambient.recording && isFloat(dtype) && inputs.some((t) => t.isTracked))
    computed.result.history = new History(op as Op, attrs, inputs, computed.aux, computed.result, ambient.scope);
  return computed;
}

export interface Computed {
  readonly result: Tensor;
  readonly aux: readonly Tensor[];
}

interface FullCall<A> {
  readonly shapes: readonly Shape[];
  readonly shape: Shape;
  readonly attrs: A;
}

function computeIn<A>(scope: Scope, op: Primitive<A> | Fused<A>, inputs: readonly Tensor[], call: FullCall<A>, dtype: Tensor["dtype"], device: Device | null): Computed {
  if (device !== null) return computeOn(device, scope, op, inputs, call, dtype);
  const arrays: readonly Numbers[] = inputs.map((t) => scope.resident(t));
  const make = (shape: Shape, type: Tensor["dtype"]): Tensor => new Tensor(scope.allocate({ dtype: type, length: sizeOf(shape), op: op.name, shape }), 0, shape, type);
  const result = make(call.shape, dtype);
  const aux = op.aux === undefined ? [] : auxOf(op, call.shapes, call.attrs).map((a) => make(a.shape, a.dtype));
  runForward(op, result.storage.array, arrays, call, aux.map((t) => t.storage.array));
  return { result, aux };
}

/** Hidden outputs that are f64 in memory, for their precision, are f32 on a device: it has nothing else. */
function computeOn<A>(device: Device, scope: Scope, op: Primitive<A> | Fused<A>, inputs: readonly Tensor[], call: FullCall<A>, dtype: Tensor["dtype"]): Computed {
  scope.checkOpen(op.name);
  const buffers = inputs.map((t) => scope.residentOn(device, t, op.name));
  const specs = [{ shape: call.shape, dtype }, ...auxOf(op, call.shapes, call.attrs)];
  const [result, ...aux] = device.forward(op, buffers, call).map((buffer, i) => {
    const type = specs[i].dtype === "f64" ? "f32" : specs[i].dtype;
    return new Tensor(scope.ownBuffer(buffer, type, op.name), 0, specs[i].shape, type);
  });
  return { result, aux };
}

function computeOutside<A>(op: Primitive<A> | Fused<A>, inputs: readonly Tensor[], call: FullCall<A>, dtype: Tensor["dtype"], device: Device | null): Computed {
  const single = new Scope(null);
  let out: readonly Tensor[] = [];
  try {
    const computed = computeIn(single, op, inputs, call, dtype, device);
    out = [computed.result, ...computed.aux];
    return computed;
  } finally {
    single.close(out);
  }
}

function view<A>(op: View<A>, [input]: readonly Tensor[], shapes: readonly Shape[], shape: Shape, attrs: A): Tensor {
  const storage: Storage = input.storage;
  return new Tensor(storage, input.offset + viewOffset(op, shapes, shape, attrs), shape, input.dtype);
}
