import { withFunctions } from "../../gpu/functions.ts";
import { pointwise } from "../../gpu/grid.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import type { Primitive } from "../../op.ts";
import { broadcastStrides, sizeOf } from "../../shape.ts";

/** Kernel of a function of one tensor: `expression` in x, which may name the functions of gpu/functions.ts. */
export function gpuMap<A>(op: Primitive<A>, expression: string | ((attrs: A) => string)): GpuKernels<A> {
  return gpuPrimitive(op, (run, inputs, { shape, attrs }) => {
    const n = sizeOf(shape);
    const f = typeof expression === "string" ? expression : expression(attrs);
    return run({ name: op.name, inputs: [[n]], output: [n], source: `function (v) { ${withFunctions(`const x = v[this.thread.x]; return ${f};`)} }` }, inputs);
  });
}

/** Kernel of a function of tensors that broadcast against each other: `expression` in a, b and so on. */
export function gpuZip<A>(op: Primitive<A>, expression: string | ((attrs: A) => string)): GpuKernels<A> {
  return gpuPrimitive(op, (run, inputs, { shapes, shape, attrs }) => {
    const readings = shapes.map((s) => ({ length: sizeOf(s), strides: broadcastStrides(s, shape) }));
    return run(pointwise(op.name, shape, readings, typeof expression === "string" ? expression : expression(attrs)), inputs);
  });
}
