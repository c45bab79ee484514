// Results as text.
import { type Machine, share } from "./machine/machine.ts";
import type { RaceResult, Timing } from "./measure.ts";

export interface Results {
  readonly timings: readonly Timing[];
  readonly races: readonly RaceResult[];
  /** One core, measured before and after the items. */
  readonly machine: Machine;
  readonly threads: number;
}

const ms = (x: number): string => x.toPrecision(3).padStart(9);

/** "55.1 GFLOP/s, 94 % of peak" */
export function describeRate({ rate, work }: Timing, machine: Machine, threads: number): string {
  if (work === undefined || rate === undefined) return "";
  const { value, of } = share(work, rate, machine, threads);
  return `${rate.toPrecision(3)} ${work.unit}, ${(100 * value).toFixed(0)} % of ${of}`;
}

export function describeMachine({ gflops, fused, bandwidths }: Machine): string {
  const streams = Object.entries(bandwidths).map(([name, rate]) => `${name} ${rate.toFixed(0)}`);
  return `one core: peak ${gflops.toFixed(1)} GFLOP/s (128-bit ${fused ? "fused multiply-adds" : "multiplications and additions"})${streams.length > 0 ? `; GB/s: ${streams.join(", ")}` : ""}`;
}

export function formatResults({ timings, races, machine, threads }: Results): string {
  const width = Math.max(...timings.map((t) => t.name.length), ...races.flatMap((r) => r.entries.map((e) => e.name.length)));
  const lines = [describeMachine(machine)];
  if (timings.length > 0) lines.push(`${"".padEnd(width)} ${"best ms".padStart(9)} ${"median ms".padStart(9)} ${"mean ms".padStart(9)} ${"p99 ms".padStart(9)}`);
  for (const t of timings) lines.push(`${t.name.padEnd(width)} ${ms(t.best)} ${ms(t.median)} ${ms(t.mean)} ${ms(t.p99)}  ${describeRate(t, machine, threads)}`.trimEnd());
  for (const { name, base, entries } of races) {
    lines.push("", `${name}: in turn, ratios to ${base}`);
    for (const e of entries) lines.push(`${e.name.padEnd(width)} ${ms(e.median)} ms  ${e.ratio.toFixed(3)}x`);
  }
  return lines.join("\n");
}
