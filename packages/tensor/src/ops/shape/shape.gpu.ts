// The same numbers in another order.
import { pointwise } from "../../gpu/grid.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import type { Shape } from "../../shape.ts";
import { stridesOf } from "../../shape.ts";
import { gpuZip } from "../elementwise/elementwiseGpu.ts";
import { boxIn, put } from "../slice/boxGpu.ts";
import { broadcastToOp } from "./broadcastTo.ts";
import { padRowsOp } from "./rows.ts";
import { transposeOp } from "./transpose.ts";

export const broadcastToGpu: GpuKernels<{ readonly shape: Shape }> = gpuZip(broadcastToOp, "a");

export const transposeGpu: GpuKernels<{ readonly perm: readonly number[] }> = gpuPrimitive(transposeOp, (run, [x], { shapes, shape, attrs: { perm } }) => {
  const strides = stridesOf(shapes[0]);
  return run(pointwise("transpose", shape, [{ length: x.length, strides: perm.map((axis) => strides[axis]) }], "a"), [x]);
});

export const padRowsGpu: GpuKernels<{ readonly start: number; readonly end: number; readonly count: number }> = gpuPrimitive(padRowsOp, (run, [x], { shapes: [from], shape, attrs: { start } }) =>
  put("padRows", run, x, shape, boxIn(from, (axis) => (axis === 0 ? start : 0)), "0"));
