// The part of the WebGPU standard that is used here, declared by hand: its types come with those of the DOM or of a package,
// and this one must compile without either.
export interface GpuBuffer {
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

export interface GpuBindGroup {
  readonly label: string;
}

export interface GpuPipeline {
  readonly label: string;
}

export type BindingType = "uniform" | "read-only-storage" | "storage";

export interface GpuComputePass {
  setPipeline(pipeline: GpuPipeline): void;
  setBindGroup(index: number, group: GpuBindGroup): void;
  dispatchWorkgroups(x: number, y: number, z: number): void;
  end(): void;
}

export interface GpuCommandEncoder {
  beginComputePass(): GpuComputePass;
  copyBufferToBuffer(source: GpuBuffer, sourceOffset: number, target: GpuBuffer, targetOffset: number, bytes: number): void;
  finish(): object;
}

export interface GpuQueue {
  writeBuffer(buffer: GpuBuffer, offset: number, data: ArrayBufferView): void;
  submit(commands: readonly object[]): void;
  onSubmittedWorkDone(): Promise<void>;
}

export interface GpuLogicalDevice {
  readonly queue: GpuQueue;
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  createBuffer(descriptor: { size: number; usage: number; mappedAtCreation?: boolean; label?: string }): GpuBuffer;
  createShaderModule(descriptor: { code: string; label: string }): object;
  createBindGroupLayout(descriptor: { entries: readonly { binding: number; visibility: number; buffer: { type: BindingType } }[] }): object;
  createPipelineLayout(descriptor: { bindGroupLayouts: readonly object[] }): object;
  createComputePipeline(descriptor: { layout: object; compute: { module: object; entryPoint: string }; label: string }): GpuPipeline;
  createBindGroup(descriptor: { layout: object; entries: readonly { binding: number; resource: { buffer: GpuBuffer; size?: number } }[] }): GpuBindGroup;
  createCommandEncoder(): GpuCommandEncoder;
  addEventListener(type: "uncapturederror", listener: (event: { readonly error: { readonly message: string } }) => void): void;
  destroy(): void;
}

export interface GpuAdapter {
  readonly limits: Readonly<Record<string, number>>;
  readonly features: { has(name: string): boolean };
  readonly info: { readonly vendor: string; readonly architecture: string; readonly device: string; readonly description: string; readonly isFallbackAdapter?: boolean };
  requestDevice(descriptor: { requiredLimits: Record<string, number> }): Promise<GpuLogicalDevice>;
}

/** `navigator.gpu`. */
export interface WebGpu {
  requestAdapter(options: { powerPreference: "high-performance" }): Promise<GpuAdapter | null>;
}
