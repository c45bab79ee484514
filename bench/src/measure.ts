import { Bench } from "tinybench";
import type { Item, Race } from "./item.ts";

export interface Timing {
  readonly name: string;
  /** Milliseconds. */
  readonly median: number;
  readonly mean: number;
  readonly p99: number;
  readonly samples: number;
  /** GFLOP/s or GB/s at the median. */
  readonly rate?: { readonly value: number; readonly unit: string };
}

export interface RaceResult {
  readonly name: string;
  readonly base: string;
  readonly entries: readonly { readonly name: string; readonly median: number; readonly ratio: number }[];
}

/** Results go here, so that no engine can leave the work out. */
export const sink = { total: 0 };
const consume = (item: Item): void => {
  sink.total += item.run();
};

const collectGarbage = (): void => globalThis.gc?.();

export async function time(items: readonly Item[], { ms }: { readonly ms: number }): Promise<Timing[]> {
  // A collection between items, so that none pays for the garbage of the one before.
  const bench = new Bench({ time: ms, iterations: 5, warmupTime: ms / 4, warmupIterations: 2, retainSamples: true, setup: collectGarbage });
  for (const item of items) bench.add(item.name, () => consume(item));
  const tasks = await bench.run();
  return tasks.map((task, i) => {
    const { result } = task;
    if (!("latency" in result)) throw new Error(`${task.name}: ${"error" in result ? String(result.error) : result.state}`);
    const { p50: median, mean, p99, samplesCount: samples } = result.latency;
    const { work } = items[i];
    return { name: task.name, median, mean, p99, samples, ...(work && { rate: { value: work.amount / median / 1e6, unit: work.unit } }) };
  });
}

/** Runs the items in turn, A B C A B C, and takes the median of the ratios of neighbours. */
export function race({ name, items }: Race, { rounds }: { readonly rounds: number }): RaceResult {
  for (let i = 0; i < 3; i++) for (const item of items) consume(item);
  collectGarbage();
  const times = items.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++)
    items.forEach((item, i) => {
      const start = performance.now();
      consume(item);
      times[i].push(performance.now() - start);
    });
  const entries = items.map((item, i) => ({ name: item.name, median: median(times[i]), ratio: median(times[i].map((t, round) => t / times[0][round])) }));
  return { name, base: items[0].name, entries };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
