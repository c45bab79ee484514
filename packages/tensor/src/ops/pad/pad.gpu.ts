import { NoKernelError } from "../../errors.ts";
import { literal } from "../../gpu/grid.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import type { Shape } from "../../shape.ts";
import { boxIn, put } from "../slice/boxGpu.ts";
import type { PadAttrs } from "./pad.ts";
import { padOp, unpadOp } from "./pad.ts";

export const padGpu: GpuKernels<PadAttrs> = gpuPrimitive(padOp, (run, [x], { shapes: [from], shape, attrs: { pads, mode, value } }) => {
  refuseCopies(mode);
  return put("pad", run, x, shape, boxIn(from, (axis) => pads[axis][0]), literal("pad", value));
});

/** What `pad` adds is taken away, and the other way round. */
export const unpadGpu: GpuKernels<PadAttrs & { readonly shape: Shape }> = gpuPrimitive(unpadOp, (run, [x], { shapes: [from], shape, attrs: { pads, mode } }) => {
  refuseCopies(mode);
  return put("unpad", run, x, shape, boxIn(from, (axis) => 0 - pads[axis][0]), "0");
});

function refuseCopies(mode: PadAttrs["mode"]): void {
  if (mode !== "constant") throw new NoKernelError("pad", `the mode is "${mode}"; the gpu has a kernel for "constant". Pad in memory before the upload, or join slices with concat.`);
}
