import type { DeviceBuffer } from "../../device.ts";
import type { GpuKernels, Run } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import type { Shape } from "../../shape.ts";
import type { AdaptiveAttrs } from "./adaptivePool2d.ts";
import { adaptiveAvgPool2dGradOp, adaptiveAvgPool2dOp } from "./adaptivePool2d.ts";
import type { AvgPool2dAttrs } from "./avgPool2d.ts";
import { avgPool2dGradOp, avgPool2dOp } from "./avgPool2d.ts";
import type { WindowsSource } from "./windowsGpu.ts";
import { adaptiveSource, asPlanes, overWindow, overWindowsAt, slidingSource } from "./windowsGpu.ts";

/** What the mean over a window is divided by: its pixels, with or without padding. */
function divisor({ rows, columns }: WindowsSource, row: string, column: string, withPadding: boolean): string {
  if (withPadding) return `(${rows.span(row)} * ${columns.span(column)})`;
  const inside = (axis: WindowsSource["rows"], i: string): string => `(Math.min(${axis.length}, ${axis.to(i)}) - Math.max(0, ${axis.from(i)}))`;
  return `(${inside(rows, row)} * ${inside(columns, column)})`;
}

function means(run: Run, name: string, x: DeviceBuffer, shape: Shape, outShape: Shape, windows: WindowsSource, withPadding: boolean): DeviceBuffer {
  const source = `function (a) {
  let sum = 0;
  ${overWindow(windows, "sum += a[this.thread.y][p];")}
  return sum / ${divisor(windows, "row", "column", withPadding)};
}`;
  return run({ name, inputs: [asPlanes(shape)], output: asPlanes(outShape), source }, [x]);
}

/** Every pixel adds up its shares of the windows over it. */
function spreadMeans(run: Run, name: string, dOut: DeviceBuffer, shape: Shape, outShape: Shape, windows: WindowsSource, withPadding: boolean): DeviceBuffer {
  const { rows, columns } = windows;
  const add = `if (row < ${rows.to("up")} && column < ${columns.to("across")}) sum += d[this.thread.y][w] / ${divisor(windows, "up", "across", withPadding)};`;
  const source = `function (d) {
  let sum = 0;
  ${overWindowsAt(windows, add)}
  return sum;
}`;
  return run({ name, inputs: [asPlanes(outShape)], output: asPlanes(shape), source }, [dOut]);
}

export const avgPool2dGpu: GpuKernels<AvgPool2dAttrs> = gpuPrimitive(avgPool2dOp, (run, [x], { shapes: [shape], shape: outShape, attrs }) =>
  means(run, "avgPool2d", x, shape, outShape, slidingSource(shape, outShape, attrs), attrs.countIncludePad));

export const avgPool2dGradGpu: GpuKernels<AvgPool2dAttrs & { readonly inputShape: Shape }> = gpuPrimitive(avgPool2dGradOp, (run, [dOut], { shapes: [outShape], shape, attrs }) =>
  spreadMeans(run, "avgPool2dGrad", dOut, shape, outShape, slidingSource(shape, outShape, attrs), attrs.countIncludePad));

export const adaptiveAvgPool2dGpu: GpuKernels<AdaptiveAttrs> = gpuPrimitive(adaptiveAvgPool2dOp, (run, [x], { shapes: [shape], shape: outShape }) =>
  means(run, "adaptiveAvgPool2d", x, shape, outShape, adaptiveSource(shape, outShape), true));

export const adaptiveAvgPool2dGradGpu: GpuKernels<AdaptiveAttrs & { readonly inputShape: Shape }> = gpuPrimitive(adaptiveAvgPool2dGradOp, (run, [dOut], { shapes: [outShape], shape }) =>
  spreadMeans(run, "adaptiveAvgPool2dGrad", dOut, shape, outShape, adaptiveSource(shape, outShape), true));
