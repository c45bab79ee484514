import type { Fused, Numbers, Primitive, Shape } from "@llr/tensor";
import { pinnedArray, runBackward, runForward } from "@llr/tensor/engine";

/** A tensor without the tensor. */
export interface Bare {
  readonly data: Numbers;
  readonly shape: Shape;
}

export const zeros = (shape: Shape, dtype: "f32" | "i32" = "f32"): Bare => ({ data: pinnedArray(dtype, shape, "bench"), shape });

export interface KernelCall {
  readonly out: Bare;
  readonly aux: readonly Bare[];
  readonly run: () => void;
}

/** The kernel of an op over arrays that stay. */
export function kernelCall<A>(op: Primitive<A> | Fused<A>, inputs: readonly Bare[], attrs: A): KernelCall {
  const shapes = inputs.map((x) => x.shape);
  const out = zeros(op.shape(shapes, attrs));
  const aux = (op.aux?.(shapes, attrs) ?? []).map((a) => zeros(a.shape, "i32"));
  const call = { shapes, shape: out.shape, attrs };
  const [arrays, auxArrays] = [inputs.map((x) => x.data), aux.map((a) => a.data)];
  return { out, aux, run: () => runForward(op, out.data, arrays, call, auxArrays) };
}

/** The backward kernel of a fused op, for its first input. */
export function backwardCall<A>(op: Fused<A>, dOut: Bare, inputs: readonly Bare[], output: Bare, attrs: A): KernelCall {
  const out = zeros(inputs[0].shape);
  const call = { shapes: inputs.map((x) => x.shape), shape: output.shape, attrs };
  const [gradients, arrays] = [[out.data, ...inputs.slice(1).map(() => null)], inputs.map((x) => x.data)];
  return { out, aux: [], run: () => runBackward(op, gradients, dOut.data, arrays, output.data, call, []) };
}
