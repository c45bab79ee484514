// All state that an op finds instead of being given. There is no other: no global generator, no default device, no
// training flag. It is changed only by functions that restore it.
import type { GpuStatus } from "./device.ts";
import { ScopeError } from "./errors.ts";
import type { Scope } from "./scope.ts";

/**
 * Who runs an op: `reference` is plain TypeScript with sums in double precision, the definition of correct; `simd` is
 * WebAssembly, and leaves to the reference what it has no kernel for.
 */
export type KernelHome = "reference" | "simd";

interface Ambient {
  /** The innermost open scope; null outside any. */
  scope: Scope | null;
  /** Whether ops write down how their result was made. */
  recording: boolean;
  /** Who is asked first to run an op. */
  kernels: KernelHome;
  /** What the last useGpu found. Nothing is computed by it: ops run where their inputs are. */
  gpu: GpuStatus;
}

export const ambient: Ambient = { scope: null, recording: true, kernels: "simd", gpu: { engine: null, isHardware: false, adapter: "", driver: "", largestBuffer: 0, reason: "useGpu() of @llr/tensor/gpu was not called" } };

/**
 * Runs `fn` without recording history: for evaluation, and for arithmetic on gradients.
 *
 * @throws ScopeError if `fn` returns a promise: the setting would leak into whatever runs while it is awaited
 * @example
 * import { noGrad, parameter } from "@llr/autograd";
 * import { mul } from "@llr/tensor";
 * const w = parameter([2], { name: "w" });
 * mul(w, 3).isTracked // => true
 * noGrad(() => mul(w, 3)).isTracked // => false
 */
export const noGrad = <R>(fn: () => R): R => withRecording(false, fn);

export const withRecording = <R>(recording: boolean, fn: () => R): R =>
  withSetting("recording", recording, fn, "noGrad was given an asynchronous function. It switches recording off");

/**
 * Runs `fn` with the kernels of one home, whatever is faster: to compare them, or to have sums in double precision.
 *
 * @throws ScopeError if `fn` returns a promise: the setting would leak into whatever runs while it is awaited
 * @example
 * import { describeBackend, relu, tensor, withKernels } from "@llr/tensor";
 * withKernels("reference", () => describeBackend().home) // => "reference"
 * withKernels("reference", () => relu(tensor([-1, 2])).toArray()) // => [0, 2]
 */
export const withKernels = <R>(home: KernelHome, fn: () => R): R =>
  withSetting("kernels", home, fn, "withKernels was given an asynchronous function. It chooses kernels");

function withSetting<K extends "recording" | "kernels", R>(key: K, value: Ambient[K], fn: () => R, refusal: string): R {
  if (typeof fn !== "function") throw new ScopeError(`${key === "kernels" ? "withKernels" : "noGrad"} was given no function. Put the tensor code into one: noGrad(() => ...).`);
  const before = ambient[key];
  ambient[key] = value;
  try {
    const result = fn();
    if (isPromise(result)) throw new ScopeError(`${refusal} for synchronous code only; put it around the tensor code inside.`);
    return result;
  } finally {
    ambient[key] = before;
  }
}

export const isPromise = (value: unknown): boolean =>
  typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
