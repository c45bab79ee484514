// What the machine can do, measured beside the kernels, so that their figures can be read on any other.
import type { Work } from "../item.ts";
import { canFuse, FLOPS_PER_ROUND, makeMultiplyAdds } from "./peak.ts";
import { makeStream, type Pattern, PATTERNS, type Stream } from "./stream.ts";

/** One core. */
export interface Machine {
  /** 128-bit multiply-adds. Here and below the best of many samples, for a limit is not an average. */
  readonly gflops: number;
  readonly fused: boolean;
  /** GB/s by pattern and number of elements; only what was asked for. */
  readonly bandwidths: Readonly<Record<string, number>>;
}

/** A traffic's name in `bandwidths`. */
export function trafficName(pattern: Pattern, elements: number): string {
  const short = elements.toExponential(0).replace("+", "");
  return `${pattern} ${Number(short) === elements ? short : elements}`;
}

const SAMPLES = 60;

/** Milliseconds. */
function best(count: number, run: () => void): number {
  let least = Infinity;
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    run();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** @param works what will be compared */
export function measureMachine(works: readonly (Work | undefined)[]): Machine {
  const fused = canFuse();
  const multiplyAdds = makeMultiplyAdds(fused);
  const rounds = 200_000; // about 1.3 ms
  const gflops = (rounds * FLOPS_PER_ROUND) / best(2 * SAMPLES, () => multiplyAdds(rounds, 0.5, 1)) / 1e6;
  const bandwidths: Record<string, number> = {};
  const streams = new Map<number, Stream>();
  for (const work of works) {
    if (work?.unit !== "GB/s" || trafficName(work.like, work.elements) in bandwidths) continue;
    const stream = streams.get(work.elements) ?? makeStream(work.elements);
    streams.set(work.elements, stream);
    for (const array of stream.arrays) array.fill(0); // x = x + 0.5 y must stay finite
    const milliseconds = best(work.elements > 2e6 ? SAMPLES / 2 : 4 * SAMPLES, () => stream.run(work.like));
    bandwidths[trafficName(work.like, work.elements)] = (work.elements * PATTERNS[work.like]) / milliseconds / 1e6;
  }
  return { gflops, fused, bandwidths };
}

/** The better figure of each of two measurements: one before and one after what is judged by them. */
export function better(a: Machine, b: Machine): Machine {
  return { ...a, gflops: Math.max(a.gflops, b.gflops), bandwidths: Object.fromEntries(Object.entries(a.bandwidths).map(([name, rate]) => [name, Math.max(rate, b.bandwidths[name])])) };
}

/** What share of the limit a rate is: of the peak of the threads' cores, or of one core's bandwidth. */
export function share(work: Work, rate: number, machine: Machine, threads: number): { readonly value: number; readonly of: string } {
  if (work.unit === "GFLOP/s") return { value: rate / (machine.gflops * threads), of: "peak" };
  const name = trafficName(work.like, work.elements);
  return { value: rate / machine.bandwidths[name], of: name };
}
