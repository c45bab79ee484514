// All state that an op finds instead of being given. There is no other: no global generator, no default device, no
// training flag. It is changed only by functions that restore it.
import { ScopeError } from "./errors.ts";
import type { Scope } from "./scope.ts";

interface Ambient {
  /** The innermost open scope; null outside any. */
  scope: Scope | null;
  /** Whether ops write down how their result was made. */
  recording: boolean;
}

export const ambient: Ambient = { scope: null, recording: true };

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

export function withRecording<R>(recording: boolean, fn: () => R): R {
  const before = ambient.recording;
  ambient.recording = recording;
  try {
    const result = fn();
    if (isPromise(result)) throw new ScopeError("noGrad was given an asynchronous function. It switches recording off for synchronous code only; put it around the tensor code inside.");
    return result;
  } finally {
    ambient.recording = before;
  }
}

export const isPromise = (value: unknown): boolean =>
  typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
