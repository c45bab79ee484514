// WebGPU underneath: shaders that gpu.js translated and shaders in WGSL, on buffers of our own. Calls return at once: they
// are written into a command buffer, which is handed to the device when someone reads, when it is long enough, or when
// control goes back to the event loop.
import type { Engine, Failure, GpuDescription } from "./engine.ts";
import { DESTROYED, failureError } from "./engine.ts";
import { NoKernelError } from "../errors.ts";
import { DeviceError } from "./errors.ts";
import type { GpuJs } from "./gpujs.ts";
import { translate } from "./gpujs.ts";
import type { Kernel, WgslKernel } from "./kernel.ts";
import { lengthOf, MOST_WORKGROUPS } from "./kernel.ts";
import { KernelCache } from "./kernelCache.ts";
import type { BindingType, GpuBindGroup, GpuBuffer, GpuCommandEncoder, GpuComputePass, GpuLogicalDevice, GpuPipeline } from "./webgpuTypes.ts";

// The standard's numbers, which are globals only where WebGPU is built in.
const USAGE = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 };
const MAP_READ = 0x1;
const COMPUTE = 0x4;

/** Kernels a command buffer. */
const BATCH = 128;
/** Sizes are rounded up to this, so that nearly equal ones share the free buffers. */
const GRAIN = 256;
/** Free buffers are kept up to this, then all given back. */
const MOST_POOLED = 2 ** 31;
/** Combinations of buffers that a kernel remembers: in a training loop the same ones come round again. */
const MOST_GROUPS = 128;

interface Handle {
  readonly id: number;
  readonly buffer: GpuBuffer;
  /** Size of the buffer, at least what the array needs. */
  readonly bytes: number;
}

interface Compiled {
  readonly pipeline: GpuPipeline;
  readonly layout: object;
  /** Sizes, for kernels that gpu.js translated. */
  readonly sizes: GpuBuffer | null;
  readonly workgroups: readonly [number, number, number];
  readonly groups: Map<string, GpuBindGroup>;
}

export class WebGpuEngine implements Engine<Handle> {
  readonly description: GpuDescription;
  readonly takesWgsl = true;
  failure: Failure | null = null;
  pooledBytes = 0;
  private readonly device: GpuLogicalDevice;
  private readonly gpuJs: GpuJs;
  private readonly cache = new KernelCache<Compiled>(({ sizes }) => {
    this.flush(); // commands that are not handed over yet may use it
    sizes?.destroy();
  });
  /**
   * Free buffers by their size, the oldest last, which is the next to be used: a step of a training loop that finds the same
   * ones free as the step before then takes the same ones for the same work, and meets the bind groups that it has made.
   */
  private readonly pool = new Map<number, Handle[]>();
  private lastId = 0;
  private encoder: GpuCommandEncoder | null = null;
  private pass: GpuComputePass | null = null;
  /** Kernels in the open command buffer. */
  private pending = 0;
  /** Kernels handed over, and those of them that are done. */
  private submitted = 0;
  private done = 0;
  private readonly mostWaiting: number;

  /** @param mostWaiting kernels that may wait for the device. A loop that never awaits would otherwise fill the memory with them */
  constructor(device: GpuLogicalDevice, gpuJs: GpuJs, description: GpuDescription, mostWaiting: number) {
    this.mostWaiting = mostWaiting;
    this.device = device;
    this.gpuJs = gpuJs;
    this.description = description;
    device.addEventListener("uncapturederror", ({ error }) => {
      this.failure ??= { isLost: false, problem: `the device refused earlier work: ${error.message}` };
    });
    void device.lost.then(({ reason, message }) => {
      if (!this.failure?.isLost) this.failure = { isLost: true, problem: `the device is lost (${[reason, message].filter(Boolean).join(": ")}), and what lay on it with it.` };
    });
  }

  get compiled(): number {
    return this.cache.compiled;
  }

  upload(numbers: Float32Array): Handle {
    const handle = this.allocate(numbers.byteLength);
    if (numbers.length === 0) return handle;
    this.flush(); // writeBuffer comes before commands that are not handed over yet, and the buffer may be in use by them
    // The standard takes no shared memory, where tensors live.
    const own = numbers.buffer instanceof ArrayBuffer ? numbers : new Float32Array(numbers);
    this.device.queue.writeBuffer(handle.buffer, 0, own);
    return handle;
  }

  run(kernel: Kernel | WgslKernel, inputs: readonly Handle[]): Handle {
    const length = "wgsl" in kernel ? kernel.output : lengthOf(kernel.output);
    if (length === 0) return this.allocate(0);
    const compiled = this.compile(kernel); // may refuse, and then nothing is taken
    const pass = this.openPass(); // may refuse as well
    const out = this.allocate(4 * length);
    pass.setPipeline(compiled.pipeline);
    pass.setBindGroup(0, this.groupOf(compiled, [...inputs, out]));
    const [x, y, z] = "wgsl" in kernel ? kernel.workgroups : compiled.workgroups;
    pass.dispatchWorkgroups(x, y, z);
    if (++this.pending >= BATCH) this.flush();
    return out;
  }

  part(handle: Handle, offset: number, length: number): Handle {
    if (length === 0) return this.allocate(0);
    const encoder = this.openEncoder();
    const out = this.allocate(4 * length);
    encoder.copyBufferToBuffer(handle.buffer, 4 * offset, out.buffer, 0, 4 * length);
    return out;
  }

  async read(handle: Handle, offset: number, length: number): Promise<Float32Array> {
    if (this.failure !== null) throw failureError("read", this.failure);
    if (length === 0) return new Float32Array(0);
    const staging = this.device.createBuffer({ size: 4 * length, usage: USAGE.mapRead | USAGE.copyTarget });
    // However much waits: to read is how a loop pauses.
    this.openEncoder(false).copyBufferToBuffer(handle.buffer, 4 * offset, staging, 0, 4 * length);
    await Promise.resolve(); // the copies of several reads in a row are handed over together
    this.flush();
    try {
      await staging.mapAsync(MAP_READ);
    } catch (cause) {
      staging.destroy();
      await Promise.resolve(); // the news of a lost device come a turn later than the refusal to map
      throw failureError("read", this.failure ?? { isLost: false, problem: `the device did not give the numbers back: ${String(cause)}` });
    }
    const numbers = new Float32Array(staging.getMappedRange().slice(0));
    staging.destroy();
    return numbers;
  }

  /** Later work may use the buffer at once: it comes after all that uses it now. */
  free(handle: Handle): void {
    const free = this.pool.get(handle.bytes);
    if (free === undefined) this.pool.set(handle.bytes, [handle]);
    else free.splice(placeAmong(free, handle.id), 0, handle);
    this.pooledBytes += handle.bytes;
    if (this.pooledBytes > MOST_POOLED) this.emptyPool();
  }

  async idle(): Promise<void> {
    this.flush();
    await this.device.queue.onSubmittedWorkDone();
  }

  destroy(): void {
    this.failure = DESTROYED;
    this.device.destroy();
  }

  private allocate(needed: number): Handle {
    const bytes = Math.max(GRAIN, Math.ceil(needed / GRAIN) * GRAIN);
    const free = this.pool.get(bytes)?.pop();
    if (free !== undefined) {
      this.pooledBytes -= bytes;
      return free;
    }
    return { id: ++this.lastId, bytes, buffer: this.device.createBuffer({ size: bytes, usage: USAGE.storage | USAGE.copySource | USAGE.copyTarget }) };
  }

  private emptyPool(): void {
    this.flush();
    for (const handles of this.pool.values()) for (const { buffer } of handles) buffer.destroy();
    this.pool.clear();
    this.pooledBytes = 0;
    for (const { groups } of this.cache.values()) groups.clear();
  }

  private compile(kernel: Kernel | WgslKernel): Compiled {
    const key = "wgsl" in kernel ? kernel.wgsl : `${kernel.inputs.join(";")}>${kernel.output.join()}:${kernel.source}`;
    return this.cache.get(key, () => ("wgsl" in kernel ? this.pipelineOf(kernel.name, kernel.wgsl, kernel.inputs.length) : this.translated(kernel)));
  }

  private translated(kernel: Kernel): Compiled {
    const { wgsl, workgroupSize } = translate(this.gpuJs, kernel);
    const [x, y = 1, z = 1] = [...kernel.output].reverse();
    const workgroups = workgroupsFor(kernel, [x, y, z], workgroupSize);
    const threadsAlongX = workgroups[0] * workgroupSize[0];
    const sizes = Uint32Array.from([x, y, z, threadsAlongX, ...kernel.inputs.flatMap((dims) => {
      const [width, height = 1, depth = 1] = [...dims].reverse();
      return [width, height, depth, lengthOf(dims)];
    })]);
    const uniform = this.device.createBuffer({ size: sizes.byteLength, usage: USAGE.uniform | USAGE.copyTarget, mappedAtCreation: true });
    new Uint32Array(uniform.getMappedRange()).set(sizes);
    uniform.unmap();
    return { ...this.pipelineOf(kernel.name, wgsl, kernel.inputs.length, ["uniform"]), sizes: uniform, workgroups };
  }

  /** The layout is written down, for one derived from the shader would leave out an argument that it does not read. */
  private pipelineOf(label: string, code: string, inputs: number, first: readonly BindingType[] = []): Compiled {
    const module = this.device.createShaderModule({ code, label });
    const types: readonly BindingType[] = [...first, ...Array.from({ length: inputs }, () => "read-only-storage" as const), "storage"];
    const layout = this.device.createBindGroupLayout({ entries: types.map((type, binding) => ({ binding, visibility: COMPUTE, buffer: { type } })) });
    const pipeline = this.device.createComputePipeline({ layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }), compute: { module, entryPoint: "main" }, label });
    return { pipeline, layout, sizes: null, workgroups: [1, 1, 1], groups: new Map() };
  }

  private groupOf({ layout, sizes, groups }: Compiled, handles: readonly Handle[]): GpuBindGroup {
    const key = handles.map(({ id }) => id).join();
    let group = groups.get(key);
    if (group === undefined) {
      if (groups.size >= MOST_GROUPS) groups.clear();
      const buffers = [...(sizes === null ? [] : [sizes]), ...handles.map(({ buffer }) => buffer)];
      group = this.device.createBindGroup({ layout, entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })) });
      groups.set(key, group);
    }
    return group;
  }

  private openPass(): GpuComputePass {
    return (this.pass ??= this.openEncoder().beginComputePass());
  }

  /** For copies, which stand outside of passes. */
  private openEncoder(isBounded = true): GpuCommandEncoder {
    this.pass?.end();
    this.pass = null;
    if (this.encoder === null) {
      if (isBounded) this.checkWaiting();
      this.encoder = this.device.createCommandEncoder();
      void Promise.resolve().then(() => this.flush());
    }
    return this.encoder;
  }

  private checkWaiting(): void {
    const waiting = this.submitted - this.done;
    if (waiting > this.mostWaiting) throw new DeviceError(`${waiting} kernels wait for the device, which is not heard while this code never pauses. Await something every few steps: a result that you read, or gpu.idle().`);
  }

  private flush(): void {
    if (this.encoder === null) return;
    this.pass?.end();
    const commands = this.encoder.finish();
    this.pass = this.encoder = null;
    this.device.queue.submit([commands]);
    this.submitted += this.pending;
    this.pending = 0;
    const mark = this.submitted;
    this.device.queue.onSubmittedWorkDone().then(() => (this.done = Math.max(this.done, mark)), () => {});
  }
}

/** Where a handle belongs among others, of which the first has the highest number. */
function placeAmong(handles: readonly Handle[], id: number): number {
  let [from, to] = [0, handles.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (handles[middle].id > id) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** One thread an element. A long row of workgroups is folded into several. */
function workgroupsFor({ name, output }: Kernel, [x, y, z]: readonly [number, number, number], size: readonly [number, number, number]): [number, number, number] {
  const groups: [number, number, number] = [Math.ceil(x / size[0]), Math.ceil(y / size[1]), Math.ceil(z / size[2])];
  if (output.length === 1 && groups[0] > MOST_WORKGROUPS) {
    const rows = Math.ceil(groups[0] / MOST_WORKGROUPS);
    return [Math.ceil(groups[0] / rows), rows, 1];
  }
  if (groups.some((count) => count > MOST_WORKGROUPS))
    throw new NoKernelError(name, `the output, folded to [${output.join(", ")}], has too many elements along an axis for one kernel: ${MOST_WORKGROUPS} workgroups of ${size.join(" x ")}. Use a smaller batch.`);
  return groups;
}
