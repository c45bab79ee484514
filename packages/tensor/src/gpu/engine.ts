// What a device needs of the machinery underneath. Two of them: WebGPU, which runs the shaders that gpu.js translates and
// those in WGSL (webgpu.ts), and gpu.js itself, on WebGL 2 or, for tests, as WebAssembly (gpujsEngine.ts).
import { DeviceError, DeviceLostError } from "./errors.ts";
import type { Kernel, WgslKernel } from "./kernel.ts";

/** What a device really is. */
export interface GpuDescription {
  /** Who runs the kernels: WebGPU, WebGL 2, or WebAssembly on this CPU, which is for tests. */
  readonly engine: "webgpu" | "webgl2" | "webasm";
  /** False for what computes on the CPU, whatever it calls itself. */
  readonly isHardware: boolean;
  /** As the driver names it, such as "NVIDIA H100 PCIe". */
  readonly adapter: string;
  readonly driver: string;
  /** Largest array of numbers, in bytes. */
  readonly largestBuffer: number;
}

/** A device that has failed once computes nothing any more: what follows would be wrong. */
export interface Failure {
  readonly isLost: boolean;
  readonly problem: string;
}

export const DESTROYED: Failure = { isLost: true, problem: "the device is lost (destroy() was called), and what lay on it with it." };

export const failureError = (op: string, { isLost, problem }: Failure): Error => (isLost ? new DeviceLostError(op, problem) : new DeviceError(`${op}: ${problem}`));

/** Methods return at once, and the work is done in the order of the calls. `H` is what stands for an array. */
export interface Engine<H> {
  readonly description: GpuDescription;
  readonly takesWgsl: boolean;
  /** What went wrong at earlier work; from then on nothing is computed any more. */
  readonly failure: Failure | null;
  /** Bytes that are held for later use. */
  readonly pooledBytes: number;
  /** Kernels compiled so far. */
  readonly compiled: number;
  upload(numbers: Float32Array): H;
  run(kernel: Kernel | WgslKernel, inputs: readonly H[]): H;
  part(handle: H, offset: number, length: number): H;
  read(handle: H, offset: number, length: number): Promise<Float32Array>;
  free(handle: H): void;
  /** When all work handed over so far is done. */
  idle(): Promise<void>;
  destroy(): void;
}
