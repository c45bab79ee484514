import { withFunctions } from "../../gpu/functions.ts";
import { pointwise } from "../../gpu/grid.ts";
import type { Kernel } from "../../gpu/kernel.ts";
import { writtenKernels } from "../../gpu/kernelCache.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import type { Primitive } from "../../op.ts";
import { broadcastStrides, sizeOf } from "../../shape.ts";

/** Kernel of a function of one tensor: `expression` in x, which may name the functions of gpu/functions.ts. */
export function gpuMap<A>(op: Primitive<A>, expression: string | ((attrs: A) => string)): GpuKernels<A> {
  const sourceOf = (f: string): string => `function (v) { ${withFunctions(`const x = v[this.thread.x]; return ${f};`)} }`;
  const constant = typeof expression === "string" ? sourceOf(expression) : null;
  return gpuPrimitive(op, (run, inputs, { shape, attrs }) => {
    const n = sizeOf(shape);
    return run({ name: op.name, inputs: [[n]], output: [n], source: constant ?? sourceOf((expression as (attrs: A) => string)(attrs)) }, inputs);
  });
}

/** Kernel of a function of tensors that broadcast against each other: `expression` in a, b and so on. */
export function gpuZip<A>(op: Primitive<A>, expression: string | ((attrs: A) => string)): GpuKernels<A> {
  const written = writtenKernels<Kernel>();
  return gpuPrimitive(op, (run, inputs, { shapes, shape, attrs }) => {
    const f = typeof expression === "string" ? expression : expression(attrs);
    // The shapes of the inputs do not say all: broadcastTo has but one.
    const kernel = written.get(`${shapes.join(";")}>${shape.join()}:${f}`, () => pointwise(op.name, shape, shapes.map((s) => ({ length: sizeOf(s), strides: broadcastStrides(s, shape) })), f));
    return run(kernel, inputs);
  });
}
