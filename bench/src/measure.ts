import { Bench } from "tinybench";
import type { Item, Race, Work } from "./item.ts";

export interface Timing {
  readonly name: string;
  /** Milliseconds. */
  readonly best: number;
  readonly median: number;
  readonly mean: number;
  readonly p99: number;
  readonly samples: number;
  /** GFLOP/s or GB/s at the median. */
  readonly rate?: number;
  readonly work?: Work;
}

export interface RaceResult {
  readonly name: string;
  readonly base: string;
  readonly entries: readonly { readonly name: string; readonly best: number; readonly median: number; readonly ratio: number }[];
}

/** Results go here, so that no engine can leave the work out. */
export const sink = { total: 0 };

const collectGarbage = (): void => globalThis.gc?.();
/** Memory of arrays that were collected comes back in callbacks, which need turns of the event loop. */
const afterwards = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function time({ name, make, work }: Item, { ms }: { readonly ms: number }): Promise<Timing> {
  const run = make();
  // A collection between items, so that none pays for the garbage of the one before.
  const bench = new Bench({ time: ms, iterations: 5, warmupTime: ms / 4, warmupIterations: 2, retainSamples: true, setup: collectGarbage });
  bench.add(name, () => {
    sink.total += run();
  });
  const [task] = await bench.run();
  await afterwards();
  const { result } = task;
  if (!("latency" in result)) throw new Error(`${name}: ${"error" in result ? String(result.error) : result.state}`);
  const { min: best, p50: median, mean, p99, samplesCount: samples } = result.latency;
  return { name, best, median, mean, p99, samples, ...(work && { work, rate: work.amount / median / 1e6 }) };
}

/** Runs the items in turn, A B C A B C, and takes the median of the ratios of neighbours. */
export function race({ name, items }: Race, { rounds }: { readonly rounds: number }): RaceResult {
  const runs = items.map((item) => item.make());
  for (let i = 0; i < 3; i++) for (const run of runs) sink.total += run();
  collectGarbage();
  const times = items.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++)
    runs.forEach((run, i) => {
      const start = performance.now();
      sink.total += run();
      times[i].push(performance.now() - start);
    });
  const entries = items.map((item, i) => ({ name: item.name, best: Math.min(...times[i]), median: median(times[i]), ratio: median(times[i].map((t, round) => t / times[0][round])) }));
  return { name, base: items[0].name, entries };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
