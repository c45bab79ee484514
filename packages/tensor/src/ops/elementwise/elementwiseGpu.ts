import { NoKernelError } from "../../errors.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import type { Dims } from "../../gpu/kernel.ts";
import type { Primitive } from "../../op.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sizeOf } from "../../shape.ts";

/** Kernel of a function of one tensor: `expression` in x. */
export function gpuMap<A>(op: Primitive<A>, expression: string | ((attrs: A) => string)): GpuKernels<A> {
  return gpuPrimitive(op, (run, inputs, { shape, attrs }) => {
    const n = sizeOf(shape);
    const f = typeof expression === "string" ? expression : expression(attrs);
    return run({ name: op.name, inputs: [[n]], output: [n], source: `function (v) { const x = v[this.thread.x]; return ${f}; }` }, inputs);
  });
}

/** Kernel of a function of two tensors that broadcast against each other: `expression` in a and b. */
export function gpuZip<A>(op: Primitive<A>, expression: string): GpuKernels<A> {
  return gpuPrimitive(op, (run, inputs, { shapes, shape }) => {
    const { output, inputs: dims } = foldBroadcast(op.name, shapes, shape);
    const read = (name: string, d: Dims): string => `${name}${d.map((size, i) => (size === 1 ? "[0]" : `[this.thread.${"zyx"[i + 3 - d.length]}]`)).join("")}`;
    const source = `function (p, q) { const a = ${read("p", dims[0])}; const b = ${read("q", dims[1])}; return ${expression}; }`;
    return run({ name: op.name, inputs: dims, output, source }, inputs);
  });
}

/**
 * Broadcasting as up to three axes: neighbours along which every input either has the full size or one element are one axis.
 *
 * @throws NoKernelError if more remain
 */
export function foldBroadcast(op: string, shapes: readonly Shape[], shape: Shape): { readonly output: Dims; readonly inputs: readonly Dims[] } {
  const aligned = shapes.map((s) => [...Array.from({ length: shape.length - s.length }, () => 1), ...s]);
  const sizes: number[] = [];
  const folded: number[][] = shapes.map(() => []);
  let previous = "";
  shape.forEach((n, axis) => {
    if (n === 1) return;
    const pattern = aligned.map((s) => (s[axis] === 1 ? "1" : "n")).join("");
    if (pattern === previous) sizes[sizes.length - 1] *= n;
    else sizes.push(n);
    folded.forEach((dims, i) => {
      if (pattern !== previous) dims.push(aligned[i][axis]);
      else dims[dims.length - 1] *= aligned[i][axis];
    });
    previous = pattern;
  });
  if (sizes.length > 3) throw new NoKernelError(op, `the shapes ${shapes.map(formatShape).join(" and ")} broadcast along ${sizes.length} groups of axes; the gpu has kernels for 3. Use broadcastTo first.`);
  const dims = (of: readonly number[]): Dims => (of.length === 0 ? [1] : (of as unknown as Dims));
  return { output: dims(sizes), inputs: folded.map(dims) };
}
