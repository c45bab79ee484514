import { ambient } from "./ambient.ts";
import type { KernelHome } from "./ambient.ts";
import type { GpuStatus } from "./device.ts";
import { variant } from "./simd/kernels.ts";
import { threadsNow } from "./simd/threads.ts";
import { isTurbo } from "./simd/turbo.ts";

/** What runs the kernels of tensors in memory, for single precision; f64 always runs on the reference home. */
export interface Backend {
  /** `reference`: plain TypeScript; `simd`: WebAssembly. */
  readonly home: KernelHome;
  /** How sums are added up and products rounded. Results of two arithmetics differ in their last digits. */
  readonly arithmetic: "double-precision sums" | "multiply, then add" | "fused multiply-add";
  /** Why this home and arithmetic. */
  readonly reason: string;
  /** Whether kernels are compiled for vectors of 256 bits, see setTurbo. Results do not depend on it. */
  readonly turbo: boolean;
  readonly threads: number;
  /** Why this number of threads. */
  readonly threadsReason: string;
  /** What runs the kernels of tensors that lie on a device. */
  readonly gpu: GpuStatus;
}

/**
 * What really runs, in words for a log: every benchmark and run manifest prints it.
 *
 * @example
 * import { describeBackend, withKernels } from "@llr/tensor";
 * describeBackend().home // => "simd"
 * withKernels("reference", describeBackend).arithmetic // => "double-precision sums"
 */
export function describeBackend(): Backend {
  const reference = (reason: string): Backend => ({ home: "reference", arithmetic: "double-precision sums", reason, turbo: false, threads: 1, threadsReason: "reference kernels run on one thread", gpu: ambient.gpu });
  if (ambient.kernels === "reference") return reference("chosen by withKernels");
  const found = variant();
  if (found === null) return reference("the engine has no WebAssembly SIMD over shared memory");
  const { threads, reason: threadsReason } = threadsNow();
  return { home: "simd", arithmetic: found.fused ? "fused multiply-add" : "multiply, then add", reason: found.reason, turbo: isTurbo(), threads, threadsReason, gpu: ambient.gpu };
}
