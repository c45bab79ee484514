import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import { nanSource } from "../../gpu/source.ts";
import { pickOp, unpickOp } from "./pick.ts";

/** Labels that lie on the device cannot be checked beforehand: one out of range gives NaN. */
export const pickGpu: GpuKernels<null> = gpuPrimitive(pickOp, (run, inputs, { shapes: [[rows, classes]] }) => {
  const source = `function (x, labels) {
  const label = labels[this.thread.x];
  return label < 0 || label >= ${classes} ? ${nanSource("label")} : x[this.thread.x][label];
}`;
  return run({ name: "pick", inputs: [[rows, classes], [rows]], output: [rows], source }, inputs);
});

export const unpickGpu: GpuKernels<{ readonly classes: number }> = gpuPrimitive(unpickOp, (run, inputs, { shape: [rows, classes] }) =>
  run({ name: "unpick", inputs: [[rows], [rows]], output: [rows, classes], source: "function (x, labels) { return labels[this.thread.y] === this.thread.x ? x[this.thread.y] : 0; }" }, inputs));
