// Settings of the engine that a run can ask for. What this revision of the engine lacks is refused, so that no figure is
// printed under a setting that had no effect.
import { setFlagsFromString } from "node:v8";
import type { UpdateKernels } from "@llr/optim";
import * as tensorPackage from "@llr/tensor";
import * as tensorEngine from "@llr/tensor/engine";

/** V8 joins neighbouring 128-bit operations into 256-bit ones where it can. */
export const TURBO_FLAG = "--experimental-wasm-revectorize";

interface Optional {
  readonly setThreads?: (count: number) => Promise<void> | void;
  readonly setTurbo?: (on: boolean) => void;
  readonly updateKernels?: UpdateKernels;
}
const optional = { ...tensorEngine, ...tensorPackage } as object as Optional;

export interface Settings {
  readonly threads: number;
  readonly turbo: boolean;
}

/**
 * To be called before the first kernel runs.
 *
 * @throws Error with one line for the user
 */
export async function applySettings({ threads, turbo }: Settings, engine: Optional = optional): Promise<void> {
  if (turbo) {
    if (engine.setTurbo === undefined) throw new Error("--turbo: this engine has no setTurbo. Leave the option out.");
    setFlagsFromString(TURBO_FLAG);
    engine.setTurbo(true);
  }
  if (threads === 1) return;
  if (engine.setThreads === undefined) throw new Error(`--threads ${threads}: this engine has no setThreads. Leave the option out.`);
  await engine.setThreads(threads);
}

/** The options that put an optimizer's loops on compiled kernels, where the engine has such. */
export const updateKernels = (): { readonly kernels?: UpdateKernels } => (optional.updateKernels ? { kernels: optional.updateKernels } : {});
