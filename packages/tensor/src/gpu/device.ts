import type { Device, DeviceBuffer } from "../device.ts";
import type { Numbers } from "../dtype.ts";
import { DTypeError, InternalError, NoKernelError } from "../errors.ts";
import type { Call, Fused, Op, Primitive } from "../op.ts";
import { sizeOf } from "../shape.ts";
import type { Engine, GpuDescription } from "./engine.ts";
import { failureError } from "./engine.ts";
import type { Kernel, WgslKernel } from "./kernel.ts";
import { LARGEST_EXACT, lengthOf, MOST_INPUTS } from "./kernel.ts";
import type { GpuKernels, Run } from "./kernels.ts";

export interface GpuMemory {
  /** Bytes of buffers in use, besides the constants that the device keeps. */
  readonly liveBytes: number;
  /** How many buffers that are. */
  readonly buffers: number;
  /** Bytes held for the next buffers. */
  readonly pooledBytes: number;
  /** Kernels compiled so far: grows with every new shape, so it stands still in a training loop. */
  readonly kernels: number;
}

/** Constants such as the 2 of `mul(x, 2)` stay on the device, up to this many. */
const MOST_CONSTANTS = 1024;

class CountedBuffer<H> implements DeviceBuffer {
  readonly device: Device;
  readonly length: number;
  readonly handle: H;
  private users = 1;
  private readonly onLast: (buffer: CountedBuffer<H>) => void;

  constructor(device: Device, handle: H, length: number, onLast: (buffer: CountedBuffer<H>) => void) {
    this.device = device;
    this.handle = handle;
    this.length = length;
    this.onLast = onLast;
  }

  retain(): void {
    if (this.users === 0) throw new InternalError("a buffer of the device is used after its release.");
    this.users++;
  }

  release(): void {
    if (this.users === 0) throw new InternalError("a buffer of the device is released twice.");
    if (--this.users === 0) this.onLast(this);
  }

  get isLive(): boolean {
    return this.users > 0;
  }

  /** The handle, for a kernel. */
  get live(): H {
    if (this.users === 0) throw new InternalError("a buffer of the device is read after its release.");
    return this.handle;
  }
}

/** Finds the kernels of ops, runs them on an engine, and keeps count of buffers. */
export class GpuDevice<H> implements Device {
  readonly label: string;
  private readonly engine: Engine<H>;
  private readonly kernels: ReadonlyMap<Op, GpuKernels>;
  private readonly constants = new Map<string, CountedBuffer<H>>();
  private liveBytes = 0;
  private buffers = 0;
  private readonly runKernel: Run;
  /** What the kernels of the op that is running have written. */
  private made: CountedBuffer<H>[] = [];

  constructor(engine: Engine<H>, kernels: readonly GpuKernels[]) {
    const { adapter, isHardware } = engine.description;
    this.engine = engine;
    this.label = isHardware ? `the gpu (${adapter})` : `the device (${adapter}, computed on the CPU)`;
    this.kernels = new Map(kernels.map((entry) => [entry.op, entry]));
    const runKernel = (kernel: Kernel | WgslKernel, inputs: readonly DeviceBuffer[]): CountedBuffer<H> => {
      const buffer = this.run(kernel, inputs);
      this.made.push(buffer);
      return buffer;
    };
    this.runKernel = Object.assign(runKernel, { takesWgsl: engine.takesWgsl });
  }

  get description(): GpuDescription {
    return this.engine.description;
  }

  memory(): GpuMemory {
    return { liveBytes: this.liveBytes - 4 * this.constants.size, buffers: this.buffers - this.constants.size, pooledBytes: this.engine.pooledBytes, kernels: this.engine.compiled };
  }

  upload(numbers: Numbers, op: string): DeviceBuffer {
    this.checkAlive(op);
    if (numbers instanceof Float64Array) throw new DTypeError(op, `a tensor is f64, and another lies on ${this.label}, which computes in single precision. Give it as { dtype: "f32" }.`);
    if (numbers instanceof Int32Array) {
      const tooLarge = numbers.find((x) => Math.abs(x) > LARGEST_EXACT);
      if (tooLarge !== undefined) throw new DTypeError(op, `the whole number ${tooLarge} is to go to ${this.label}, where numbers are f32. It holds whole numbers up to ${LARGEST_EXACT}.`);
    }
    return numbers.length === 1 ? this.constant(numbers[0]) : this.copied(numbers);
  }

  private copied(numbers: Numbers): CountedBuffer<H> {
    return this.owned(this.engine.upload(numbers instanceof Float32Array ? numbers : Float32Array.from(numbers)), numbers.length);
  }

  private constant(x: number): CountedBuffer<H> {
    const key = Object.is(x, -0) ? "-0" : String(x);
    const known = this.constants.get(key);
    known?.retain();
    if (known !== undefined) return known;
    const buffer = this.copied(Float32Array.of(x));
    if (this.constants.size < MOST_CONSTANTS) {
      buffer.retain();
      this.constants.set(key, buffer);
    }
    return buffer;
  }

  part(buffer: DeviceBuffer, offset: number, length: number): DeviceBuffer {
    this.checkAlive("view");
    return this.owned(this.engine.part(this.mine(buffer), offset, length), length);
  }

  async read(buffer: DeviceBuffer, offset: number, length: number): Promise<Float32Array> {
    const numbers = await this.engine.read(this.mine(buffer), offset, length);
    this.checkAlive("read");
    return numbers;
  }

  forward<A>(op: Primitive<A> | Fused<A>, inputs: readonly DeviceBuffer[], call: Call<A>): readonly DeviceBuffer[] {
    const kernels = this.kernelsOf(op);
    this.checkAlive(op.name);
    const out = this.whole(() => kernels.forward(this.runKernel, inputs, call));
    const outputs = Array.isArray(out) ? (out as readonly DeviceBuffer[]) : [out as DeviceBuffer];
    if (outputs[0].length !== sizeOf(call.shape)) throw new InternalError(`the gpu kernel of ${op.name} wrote ${outputs[0].length} elements, its shape rule says ${sizeOf(call.shape)}.`);
    return outputs;
  }

  backward<A>(op: Fused<A>, needs: readonly boolean[], dOut: DeviceBuffer, inputs: readonly DeviceBuffer[], output: DeviceBuffer | null, call: Call<A>, aux: readonly DeviceBuffer[]): readonly (DeviceBuffer | null)[] {
    const { backward } = this.kernelsOf(op);
    this.checkAlive(op.name);
    return this.whole(() => backward!(this.runKernel, needs, dOut, inputs, output, call, aux));
  }

  /** All kernels of an op, or none: where a later one is refused, what the earlier ones have written goes. */
  private whole<R>(run: () => R): R {
    this.made = [];
    try {
      return run();
    } catch (error) {
      for (const buffer of this.made) if (buffer.isLive) buffer.release();
      throw error;
    } finally {
      this.made = [];
    }
  }

  /** One kernel; what optimizers are built of. */
  run(kernel: Kernel | WgslKernel, inputs: readonly DeviceBuffer[]): CountedBuffer<H> {
    this.checkAlive(kernel.name);
    const length = "wgsl" in kernel ? kernel.output : lengthOf(kernel.output);
    this.checkLimits(kernel, length);
    kernel.inputs.forEach((dims, i) => {
      const needed = typeof dims === "number" ? dims : lengthOf(dims);
      if (inputs[i]?.length !== needed) throw new InternalError(`${kernel.name}: argument ${i} has ${inputs[i]?.length} elements, the kernel reads ${needed}.`);
    });
    return this.owned(this.engine.run(kernel, inputs.map((buffer) => this.mine(buffer))), length);
  }

  idle(): Promise<void> {
    return this.engine.idle().then(() => this.checkAlive("idle"));
  }

  get isLost(): boolean {
    return this.engine.failure?.isLost ?? false;
  }

  destroy(): void {
    this.engine.destroy();
  }

  private kernelsOf<A>(op: Primitive<A> | Fused<A>): GpuKernels<A> {
    const found = this.kernels.get(op as Op) as GpuKernels<A> | undefined;
    if (found === undefined) throw new NoKernelError(op.name, `${this.label} has no kernel for ${op.name}, and nothing is computed elsewhere instead. Read the inputs (await tensor.read()) and compute it in memory, or give useGpu({ kernels }) one.`);
    return found;
  }

  private checkLimits(kernel: Kernel | WgslKernel, length: number): void {
    const { name, inputs } = kernel;
    if (inputs.length > MOST_INPUTS) throw new InternalError(`${name}: ${inputs.length} arguments; a kernel has at most ${MOST_INPUTS}.`);
    const { largestBuffer } = this.description;
    if (4 * length > largestBuffer) throw new NoKernelError(name, `the result takes ${4 * length} bytes; the largest array on ${this.label} is ${largestBuffer}. Use a smaller batch.`);
    // Indices in WGSL are whole numbers.
    if (!("wgsl" in kernel) && length > LARGEST_EXACT) throw new NoKernelError(name, `the result has ${length} elements; kernels count up to ${LARGEST_EXACT} (2^24), for they index in single precision. Use a smaller batch.`);
  }

  private checkAlive(op: string): void {
    const { failure } = this.engine;
    if (failure !== null) throw failureError(op, failure);
  }

  private owned(handle: H, length: number): CountedBuffer<H> {
    this.liveBytes += 4 * length;
    this.buffers++;
    return new CountedBuffer(this, handle, length, (buffer) => {
      this.liveBytes -= 4 * buffer.length;
      this.buffers--;
      this.engine.free(buffer.handle);
    });
  }

  private mine(buffer: DeviceBuffer): H {
    if (buffer.device !== this || !(buffer instanceof CountedBuffer)) throw new InternalError(`a buffer of ${buffer.device.label} was given to ${this.label}.`);
    return (buffer as CountedBuffer<H>).live;
  }
}
