import type { DeviceBuffer } from "../../device.ts";
import { NoKernelError } from "../../errors.ts";
import type { GpuKernels, Run } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import { isNaNSource } from "../../gpu/source.ts";
import type { Primitive } from "../../op.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import type { AdaptiveAttrs } from "./adaptivePool2d.ts";
import { adaptiveMaxPool2dOp } from "./adaptivePool2d.ts";
import type { Pool2dAttrs } from "./geometry.ts";
import type { PutAtAttrs } from "./maxPool2d.ts";
import { maxPool2dOp, putAtOp, takeAtOp } from "./maxPool2d.ts";
import type { WindowsSource } from "./windowsGpu.ts";
import { adaptiveSource, asPlanes, checkPlaces, overWindow, overWindowsAt, slidingSource } from "./windowsGpu.ts";

/** Where the maximum of each window is: the first of equal ones, or the first NaN. */
function whereMaximum(run: Run, op: string, x: DeviceBuffer, shape: Shape, outShape: Shape, windows: WindowsSource): DeviceBuffer {
  const visit = `const v = a[this.thread.y][p];
          if (found < 2) {
            if (${isNaNSource("v")}) { found = 2; best = p; }
            else if (found < 1 || v > max) { found = 1; max = v; best = p; }
          }`;
  const source = `function (a) {
  let found = 0; let max = 0; let best = 0;
  ${overWindow(windows, visit)}
  return this.thread.y * ${shape[2] * shape[3]} + best;
}`;
  return run({ name: `${op} indices`, inputs: [asPlanes(shape)], output: asPlanes(outShape), source }, [x]);
}

const take = (run: Run, op: string, x: DeviceBuffer, indices: DeviceBuffer): DeviceBuffer =>
  run({ name: op, inputs: [[x.length], [indices.length]], output: [indices.length], source: "function (a, at) { return a[at[this.thread.x]]; }" }, [x, indices]);

const maxima = <A>(op: Primitive<A>, windowsOf: (x: Shape, y: Shape, attrs: A) => WindowsSource): GpuKernels<A> =>
  gpuPrimitive(op, (run, [x], { shapes: [shape], shape: outShape, attrs }) => {
    checkPlaces(op.name, shape);
    const indices = whereMaximum(run, op.name, x, shape, outShape, windowsOf(shape, outShape, attrs));
    return [take(run, op.name, x, indices), indices];
  });

export const maxPool2dGpu: GpuKernels<Pool2dAttrs> = maxima(maxPool2dOp, slidingSource);
export const adaptiveMaxPool2dGpu: GpuKernels<AdaptiveAttrs> = maxima(adaptiveMaxPool2dOp, adaptiveSource);

/** Without windows every place has to look through all indices; more than so many have no kernel. */
const MOST_ANYWHERE = 4096;

/** Each place adds up what names it, for there are no atomic additions: among the windows over it, where they are known. */
export const putAtGpu: GpuKernels<PutAtAttrs> = gpuPrimitive(putAtOp, (run, inputs, { shapes: [inner], attrs: { shape, windows } }) => {
  checkPlaces("putAt", shape);
  if (windows !== undefined) {
    const add = "if (at[this.thread.y][w] === here) sum += a[this.thread.y][w];";
    const source = `function (a, at) {
  let sum = 0;
  const here = this.thread.y * ${shape[2] * shape[3]} + this.thread.x;
  ${overWindowsAt(slidingSource(shape, inner, windows), add)}
  return sum;
}`;
    return run({ name: "putAt", inputs: [asPlanes(inner), asPlanes(inner)], output: asPlanes(shape), source }, inputs);
  }
  const count = sizeOf(inner);
  if (count > MOST_ANYWHERE) throw new NoKernelError("putAt", `${count} indices ${formatShape(inner)} may name any place; the gpu has a kernel for up to ${MOST_ANYWHERE}, and for those of maxPool2d. Use maxPool2d, or compute it in memory.`);
  const source = `function (a, at) {
  let sum = 0;
  for (let i = 0; i < ${count}; i++) {
    if (at[i] === this.thread.x) sum += a[i];
  }
  return sum;
}`;
  return run({ name: "putAt", inputs: [[count], [count]], output: [sizeOf(shape)], source }, inputs);
});

export const takeAtGpu: GpuKernels<null> = gpuPrimitive(takeAtOp, (run, [x, indices], { shapes: [shape] }) => {
  checkPlaces("takeAt", shape);
  return take(run, "takeAt", x, indices);
});
