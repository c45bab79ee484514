// The gate between the record of an op, which may be anybody's, and the engine, which computes sizes and addresses from it.
import type { DType } from "./dtype.ts";
import { DTYPE_NAMES, isDType } from "./dtype.ts";
import { ArgumentError, OpRecordError } from "./errors.ts";
import { describe } from "./format.ts";
import type { Aux, Fused, Op, Primitive, View } from "./op.ts";
import type { Shape } from "./shape.ts";
import { formatShape, isShape, sizeOf } from "./shape.ts";
import { Tensor } from "./tensor.ts";

/** @throws OpRecordError for a record without what its kind needs, ArgumentError for what is no record */
export function checkRecord(op: Op<never>): void {
  if (typeof op !== "object" || op === null) throw new ArgumentError("apply", `the op is ${describe(op)}. It needs the record of an op.`);
  if (typeof op.shape !== "function" || !hasKernel(op)) refuseRecord(op);
}

function hasKernel(op: Op<never>): boolean {
  switch (op.kind) {
    case "primitive": return typeof op.reference === "function";
    case "fused": return typeof op.reference?.forward === "function";
    case "view": return typeof op.offset === "function";
    default: return false;
  }
}

function refuseRecord({ name, kind, shape }: Partial<Op<never>>): never {
  const op = typeof name === "string" ? name : "apply";
  if (typeof shape !== "function") throw new OpRecordError(op, `its record has ${describe(shape)} as shape rule. It must be a function from the list of the inputs' shapes to the result's.`);
  const kernels = { primitive: "a function `reference`", fused: "`reference` with a function `forward`", view: "a function `offset`" };
  if (!(kind !== undefined && Object.hasOwn(kernels, kind))) throw new OpRecordError(op, `the kind of its record is ${describe(kind)}. It must be one of ${Object.keys(kernels).join(", ")}.`);
  throw new OpRecordError(op, `its record has no kernel. One of kind ${kind} needs ${kernels[kind]}.`);
}

/**
 * Most rules hand on the shape and the element type of an input, which were looked at when that was made: such results cost a
 * comparison. Others are looked at anew.
 *
 * @throws OpRecordError unless the record's shape rule gave whole numbers >= 0, and its dtype rule an element type
 */
export function checkResult(op: string, shape: Shape | undefined, dtype: DType | undefined, shapes: readonly Shape[], dtypes: readonly DType[]): void {
  if (shape === undefined || !(shape === shapes[0] || shape === shapes[1] || isShape(shape))) refuseShape(op, shape, shapes);
  if (dtype === undefined || !(dtype === dtypes[0] || isDType(dtype))) throw new OpRecordError(op, `its dtype rule gives ${String(dtype)}. It must give one of ${DTYPE_NAMES}.`);
}

function refuseShape(op: string, shape: unknown, shapes: readonly Shape[]): never {
  throw new OpRecordError(op, `its shape rule gives ${describe(shape)} for inputs of ${listed(shapes)}. It must give an array of whole numbers >= 0; it gets the list of the inputs' shapes.`);
}

const NONE: readonly Aux[] = [];

/** The hidden outputs that the record asks for. */
export function auxOf<A>(op: Primitive<A> | Fused<A>, shapes: readonly Shape[], attrs: A): readonly Aux[] {
  if (op.aux === undefined) return NONE;
  const aux = op.aux(shapes, attrs);
  if (!Array.isArray(aux)) throw new OpRecordError(op.name, `its aux rule gives ${describe(aux)}. It must give an array of { shape, dtype }.`);
  aux.forEach((a: Partial<Aux> | null | undefined, i) => {
    if (!isShape(a?.shape) || !isDType(a.dtype)) throw new OpRecordError(op.name, `hidden output ${i} is ${describe(a)} for inputs of ${listed(shapes)}. It must be { shape, dtype } with whole numbers >= 0 and one of ${DTYPE_NAMES}.`);
  });
  return aux;
}

/** Where the view begins in its input. It must lie within: other numbers of the storage belong to other tensors. */
export function viewOffset<A>(op: View<A>, shapes: readonly Shape[], shape: Shape, attrs: A): number {
  const offset = op.offset(shapes, attrs);
  const size = sizeOf(shape);
  if (!Number.isSafeInteger(offset) || offset < 0 || offset + size > sizeOf(shapes[0])) throw new OpRecordError(op.name, `it views ${size} numbers (${formatShape(shape)}) from ${String(offset)} on, the input ${formatShape(shapes[0])} has ${sizeOf(shapes[0])}. A view lies within its input.`);
  return offset;
}

/** @throws OpRecordError unless the derivative gave, for every input, null or a gradient of its shape and element type */
export function checkGradients(op: string, gradients: readonly (Tensor | null)[], inputs: readonly Tensor[]): void {
  if (!Array.isArray(gradients) || gradients.length !== inputs.length) throw new OpRecordError(op, `its derivative gives ${describe(gradients)}. It must give an array with an entry for each of the ${inputs.length} inputs: a tensor, or null.`);
  inputs.forEach(({ shape, dtype }, i) => {
    const gradient: unknown = gradients[i];
    if (gradient === null) return;
    if (!(gradient instanceof Tensor)) throw new OpRecordError(op, `its derivative gives ${describe(gradient)} for input ${i}. It must give a tensor, or null for none.`);
    if (gradient.shape.length !== shape.length || shape.some((n, axis) => n !== gradient.shape[axis])) throw new OpRecordError(op, `the derivative for input ${i} has shape ${formatShape(gradient.shape)}, the input has ${formatShape(shape)}. They must be equal.`);
    if (gradient.dtype !== dtype) throw new OpRecordError(op, `the derivative for input ${i} is ${gradient.dtype}, the input is ${dtype}. They must be equal.`);
  });
}

const listed = (shapes: readonly Shape[]): string => (shapes.length === 0 ? "no shape" : shapes.map(formatShape).join(", "));
