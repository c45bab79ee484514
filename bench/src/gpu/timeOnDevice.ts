import type { Gpu } from "@llr/tensor/gpu";
import { median } from "../measure.ts";

/** One piece of work: what does it once. A device's work is only handed over; what has to be waited for is a promise. */
export type Call = () => unknown;

export interface DeviceTiming {
  /** Milliseconds of the very first call: with compiling. */
  readonly first: number;
  /** Milliseconds of a call. */
  readonly best: number;
  readonly median: number;
  /** Calls handed over in a row, and how often. */
  readonly calls: number;
  readonly samples: number;
}

/** Kernels that are handed over in a row: a device refuses when too many wait for it. */
const MOST_KERNELS = 20_000;

/** Milliseconds, after which fewer samples will do. */
const LONGEST = 10_000;

/** As many calls in a row as take `ms`, then the wait for the device; `samples` times. @param kernels of one call, about */
export async function timeOnDevice(gpu: Gpu, call: Call, kernels: number, { ms, samples }: { readonly ms: number; readonly samples: number }): Promise<DeviceTiming> {
  const most = Math.ceil(MOST_KERNELS / kernels);
  const elapsed = async (calls: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) await waited(call());
    await gpu.idle();
    return performance.now() - start;
  };
  globalThis.gc?.();
  await new Promise((resolve) => setImmediate(resolve)); // buffers that were collected are given back in a turn of their own
  const first = await elapsed(1);
  await elapsed(1); // engines compile in a second go
  let calls = 1;
  for (let took = await elapsed(1); took < ms && calls < most; took = await elapsed(calls)) calls = Math.min(most, Math.ceil(calls * Math.min(10, Math.max(1.5, ms / Math.max(took, 1e-3)))));
  const times: number[] = [];
  const end = performance.now() + LONGEST;
  do times.push((await elapsed(calls)) / calls);
  while (times.length < samples && performance.now() < end);
  return { first, best: Math.min(...times), median: median(times), calls, samples: times.length };
}

/** No turn of the event loop for a call that needs none: it would be timed. */
const waited = (result: unknown): unknown => (result instanceof Promise ? result : undefined);
