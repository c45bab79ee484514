// Settings of the engine that a run can ask for.
import { describeBackend, setThreads, setTurbo } from "@llr/tensor";

/** What setTurbo turns on in this process, for the processes of peers. */
export const TURBO_FLAG = "--experimental-wasm-revectorize";

export interface Settings {
  readonly threads: number;
  readonly turbo: boolean;
}

/**
 * To be called before the first kernel runs. What cannot be had is refused, so that no figure is printed under a setting that
 * had no effect.
 *
 * @throws Error with one line for the user
 */
export async function applySettings({ threads, turbo }: Settings): Promise<void> {
  if (turbo) setTurbo();
  await setThreads(threads);
  const { threads: running, threadsReason } = describeBackend();
  if (running !== threads) throw new Error(`--threads ${threads}: ${running} could be had: ${threadsReason}.`);
}
