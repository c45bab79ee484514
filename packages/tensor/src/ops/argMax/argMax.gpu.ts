import { NoKernelError } from "../../errors.ts";
import { gridOf, placeOf, refuseInexact } from "../../gpu/grid.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import type { Primitive } from "../../op.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import type { ArgMax } from "./argMax.ts";
import { argMaxOp, argMinOp } from "./argMax.ts";

/** One thread goes along a line: enough for classes, and the first of several winners comes by itself. */
const MOST_ENTRIES = 4096;

const isNumber = (v: string): string => `(${v} <= 0 || ${v} > 0)`;

const along = (op: Primitive<ArgMax>, better: ">" | "<"): GpuKernels<ArgMax> =>
  gpuPrimitive(op, (run, [x], { shapes: [shape], attrs: { axis } }) => {
    const [outer, size, inner] = [sizeOf(shape.slice(0, axis)), shape[axis], sizeOf(shape.slice(axis + 1))];
    if (size > MOST_ENTRIES) throw new NoKernelError(op.name, `axis ${axis} of ${formatShape(shape)} has ${size} elements; the gpu has a kernel for up to ${MOST_ENTRIES}. Read the tensor and do it in memory.`);
    const { output, indices: [o, j], prelude } = gridOf([outer, inner]);
    refuseInexact(op.name, [x.length]);
    const at = (i: string): string => `p[${placeOf([o, i, j], [size * inner, inner, 1])}]`;
    // The first NaN wins over any number, and stays.
    const source = `function (p) { ${prelude}let best = 0; let found = ${at("0")}; for (let i = 1; i < ${size}; i++) { const v = ${at("i")}; if (${isNumber("found")} && (v ${better} found || !${isNumber("v")})) { best = i; found = v; } } return best; }`;
    return run({ name: op.name, inputs: [[x.length]], output, source }, [x]);
  });

export const argMaxGpu: GpuKernels<ArgMax> = along(argMaxOp, ">");
export const argMinGpu: GpuKernels<ArgMax> = along(argMinOp, "<");
