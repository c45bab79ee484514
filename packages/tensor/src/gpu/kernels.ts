// What an op gives to run on a device. The records of the ops know nothing of it: an op's kernels stand in its folder
// (`matmul.gpu.ts`) and are listed in ops.ts, so that who does not use a device loads none of them.
import type { DeviceBuffer } from "../device.ts";
import type { Call, Fused, Primitive } from "../op.ts";
import type { Kernel, WgslKernel } from "./kernel.ts";

/** What an op's kernels are run by. */
export interface Run {
  /** The output, a new buffer: the caller's to release, or to give back as a result. */
  (kernel: Kernel | WgslKernel, inputs: readonly DeviceBuffer[]): DeviceBuffer;
  /** Whether it takes kernels in WGSL. */
  readonly takesWgsl: boolean;
}

/** The output, then the hidden outputs in the order of `aux`. Refusals (NoKernelError) come before the first run. */
export type GpuForward<A> = (run: Run, inputs: readonly DeviceBuffer[], call: Call<A>) => DeviceBuffer | readonly DeviceBuffer[];

export type GpuBackward<A> = (run: Run, needs: readonly boolean[], dOut: DeviceBuffer, inputs: readonly DeviceBuffer[], output: DeviceBuffer | null, call: Call<A>, aux: readonly DeviceBuffer[]) => readonly (DeviceBuffer | null)[];

/** An op's kernels for devices: see {@link gpuPrimitive} and {@link gpuFused}. */
export interface GpuKernels<A = never> {
  readonly op: Primitive<A> | Fused<A>;
  readonly forward: GpuForward<A>;
  readonly backward: GpuBackward<A> | null;
}

export const gpuPrimitive = <A>(op: Primitive<A>, forward: GpuForward<A>): GpuKernels<A> => ({ op, forward, backward: null });

export const gpuFused = <A>(op: Fused<A>, kernels: { readonly forward: GpuForward<A>; readonly backward: GpuBackward<A> }): GpuKernels<A> => ({ op, ...kernels });

/** Runs the second kernel on what the first one wrote, and frees that. */
export function runBoth(run: Run, first: Kernel | WgslKernel, inputs: readonly DeviceBuffer[], second: Kernel | WgslKernel, more: readonly DeviceBuffer[] = []): DeviceBuffer {
  const between = run(first, inputs);
  const out = run(second, [between, ...more]);
  between.release();
  return out;
}

/** The second stage of a long sum: the sum of `parts` arrays of `length` elements that lie one after the other. */
export const sumOfParts = (name: string, parts: number, length: number): Kernel => ({
  name, inputs: [[parts, length]], output: [length],
  source: `function (a) { let sum = 0; for (let i = 0; i < ${parts}; i++) sum += a[i][this.thread.x]; return sum; }`,
});
