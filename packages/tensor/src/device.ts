// What the core knows of a device: where tensors may lie besides this process's memory, and who computes with those that do.
// The devices themselves come with @llr/tensor/gpu; nothing of them is loaded until someone asks for one.
import type { Numbers } from "./dtype.ts";
import { OnDeviceError } from "./errors.ts";
import type { Call, Fused, Primitive } from "./op.ts";

/**
 * Numbers in a device's memory, in single precision whatever the tensor's dtype. They are written once, by an upload or a
 * kernel, and never again: to "write" a parameter is to let it hold another buffer. So buffers may be shared, and are
 * counted: whoever keeps one retains it, and the last to release it gives the memory back.
 */
export interface DeviceBuffer {
  readonly device: Device;
  readonly length: number;
  retain(): void;
  release(): void;
}

/** What computes beside this CPU: for logs. */
export interface GpuStatus {
  /** Who runs the kernels: "webgpu", "webgl2" or, for tests, "webasm"; null: nobody. */
  readonly engine: string | null;
  /** False for an adapter that computes on the CPU. */
  readonly isHardware: boolean;
  /** As the driver names it; "" without one. */
  readonly adapter: string;
  readonly driver: string;
  /** Largest array, in bytes. */
  readonly largestBuffer: number;
  /** Why this one, or why none. */
  readonly reason: string;
}

/** Every method returns at once; the work is done in the order of the calls. */
export interface Device {
  /** For messages: "the gpu (NVIDIA H100)". */
  readonly label: string;
  /** @throws DTypeError for f64, and for whole numbers that single precision does not hold */
  upload(numbers: Numbers, op: string): DeviceBuffer;
  /** A copy of `length` elements from `offset` on. */
  part(buffer: DeviceBuffer, offset: number, length: number): DeviceBuffer;
  read(buffer: DeviceBuffer, offset: number, length: number): Promise<Float32Array>;
  /** The output, then the hidden outputs. @throws NoKernelError, before any work, for an op or a case without a kernel */
  forward<A>(op: Primitive<A> | Fused<A>, inputs: readonly DeviceBuffer[], call: Call<A>): readonly DeviceBuffer[];
  /** The gradients of the inputs that need one, null for the others. */
  backward<A>(op: Fused<A>, needs: readonly boolean[], dOut: DeviceBuffer, inputs: readonly DeviceBuffer[], output: DeviceBuffer | null, call: Call<A>, aux: readonly DeviceBuffer[]): readonly (DeviceBuffer | null)[];
}

/** The device that an op runs on: where one of its inputs is. Null: in memory. */
export function deviceOf(op: string, inputs: readonly { readonly storage: { readonly buffer: DeviceBuffer | null } }[]): Device | null {
  let device: Device | null = null;
  for (const { storage: { buffer } } of inputs) {
    if (buffer === null || buffer.device === device) continue;
    if (device !== null) throw new OnDeviceError(op, `the inputs lie on two devices, ${device.label} and ${buffer.device.label}. They need to be on one: read() one of them and use it from there.`);
    device = buffer.device;
  }
  return device;
}
