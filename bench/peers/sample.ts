import { median } from "../src/measure.ts";
import type { Sampled } from "./protocol.ts";

/** Does the task once; what makes its own memory gives it back. */
export type Run = () => unknown;

/** Milliseconds: a first run as long as this counts, though compilers were still at work; a shorter one does not. */
export const LONG = 10_000;
/** Shorter runs are timed several at once. */
const SHORTEST = 0.2;

async function timed(run: Run, repeat: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < repeat; i++) {
    const pending = run();
    // Only those that need it wait: a turn of the event loop costs as much as a small op.
    if (pending instanceof Promise) await pending;
  }
  return (performance.now() - start) / repeat;
}

/** Median of as many samples as fit into the budget, after a warm-up of a quarter of it; at least one. */
export async function sample(run: Run, budget: number): Promise<Sampled> {
  const first = await timed(run, 1);
  if (first >= LONG) return { median: first, best: first, samples: 1 };
  let last = first;
  for (const end = performance.now() + budget / 4; performance.now() < end; ) last = await timed(run, 1);
  const repeat = Math.max(1, Math.ceil(SHORTEST / Math.max(last, 1e-3)));
  const times: number[] = [];
  const end = performance.now() + budget;
  do times.push(await timed(run, repeat)); while (performance.now() < end);
  return { median: median(times), best: Math.min(...times), samples: times.length };
}
