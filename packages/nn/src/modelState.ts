// A saved state may come from anywhere: a file, another process, JSON. All of it is looked at before any of it is taken.
import type { DType, PinnedTensor, Shape } from "@llr/tensor";
import { LlrError } from "@llr/tensor";
import { describe, formatShape, isShape, sizeOf } from "@llr/tensor/engine";

/** Numbers of a model by the names of parameters and buffers: copies, independent of the model. */
export type ModelState = Record<string, { readonly shape: Shape; readonly data: Float32Array | Float64Array }>;

/** A saved state does not belong to the model, or is damaged. Thrown before anything is written. */
export class ModelStateError extends LlrError {
  constructor(problem: string) {
    super("LLR_MODEL_STATE", `loadStateDict: ${problem}`);
  }
}

export interface LoadStateOptions {
  /** `throw` refuses numbers that are NaN or infinite, as every use of them would be; `propagate` takes them. Default throw. */
  readonly nonFinite?: "throw" | "propagate";
  /**
   * Names of layers, parameters or buffers that are left as they are, whatever the state holds, and that the state may hold
   * although the model does not; `*` stands for any characters. For a trained body under a new head.
   */
  readonly except?: string | readonly string[];
}

/** What became of a state, by name. */
export interface LoadReport {
  /** Parameters and buffers of the model that were taken from the state. */
  readonly loaded: readonly string[];
  /** Those that were left as they are: what `except` names. */
  readonly missing: readonly string[];
  /** Entries of the state that were left out: what `except` names. */
  readonly unexpected: readonly string[];
}

/** Whether it is an object of named arrays with their shapes, as `stateDict()` gives it. */
export function checkForm(state: unknown): asserts state is ModelState {
  if (typeof state !== "object" || state === null || Array.isArray(state) || ArrayBuffer.isView(state) || state instanceof Map) throw new ModelStateError(`the state is ${describe(state)}. It needs what stateDict() gives: an object of { shape, data } by name.`);
  for (const [name, entry] of Object.entries(state) as [string, Partial<ModelState[string]> | null | undefined][]) {
    const shape: unknown = entry?.shape;
    const data: unknown = entry?.data;
    if (!isShape(shape)) throw new ModelStateError(`${name} has the shape ${describe(shape)}. It needs an array of whole numbers >= 0.`);
    if (!(data instanceof Float32Array || data instanceof Float64Array)) throw new ModelStateError(`${name} has the data ${describe(data)}. It needs a Float32Array or Float64Array; JSON keeps neither, saveSafetensors does.`);
    if (data.length !== sizeOf(shape)) throw new ModelStateError(`${name} has ${data.length} numbers, its shape ${formatShape(shape)} holds ${sizeOf(shape)}. They must be as many.`);
  }
}

interface Place {
  readonly name: string;
  readonly dtype: DType;
  readonly holds: PinnedTensor["holds"];
}

/** Whether the numbers make sense where they go. */
export function checkNumbers({ name, dtype, holds }: Place, data: ArrayLike<number>, { nonFinite = "throw" }: LoadStateOptions): void {
  const whole = holds === "counts" || dtype === "i32" || dtype === "bool";
  const least = holds === "numbers" ? -Infinity : 0;
  for (let i = 0; i < data.length; i++) {
    const x = dtype === "f32" ? Math.fround(data[i]) : data[i];
    if (!Number.isFinite(x) && (nonFinite === "throw" || whole)) throw new ModelStateError(`${name} is ${data[i]} at position ${i}, which ${dtype} does not hold as a finite number. It needs finite numbers; { nonFinite: "propagate" } takes others into parameters.`);
    if (x < least || (whole && !Number.isInteger(x))) throw new ModelStateError(`${name} is ${x} at position ${i}. It needs ${whole ? "whole numbers" : "numbers"} >= 0: it holds ${holds}.`);
  }
}
