// Results as text.
import { type Machine, share } from "./machine/machine.ts";
import type { Figure } from "./memory.ts";
import type { RaceResult, Timing } from "./measure.ts";

export interface Results {
  readonly timings: readonly Timing[];
  readonly races: readonly RaceResult[];
  readonly figures: readonly Figure[];
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

export function formatResults({ timings, races, figures, machine, threads }: Results): string {
  const width = Math.max(...timings.map((t) => t.name.length), ...races.flatMap((r) => r.entries.map((e) => e.name.length)));
  const lines: string[] = [];
  if (timings.length > 0) lines.push(describeMachine(machine), `${"".padEnd(width)} ${"best ms".padStart(9)} ${"median ms".padStart(9)} ${"mean ms".padStart(9)} ${"p99 ms".padStart(9)}`);
  for (const t of timings) lines.push(`${t.name.padEnd(width)} ${ms(t.best)} ${ms(t.median)} ${ms(t.mean)} ${ms(t.p99)}  ${describeRate(t, machine, threads)}`.trimEnd());
  for (const { name, base, entries } of races) {
    lines.push("", `${name}: in turn; ratios to ${base}: median of pairs, and of the best`);
    for (const e of entries) lines.push(`${e.name.padEnd(width)} ${ms(e.best)} ${ms(e.median)} ms  ${e.ratio.toFixed(3)}x  ${(e.best / entries[0].best).toFixed(3)}x`);
  }
  return [...lines, ...figures.map(formatFigure)].join("\n");
}

export const formatFigure = ({ name, value, unit, limit }: Figure): string =>
  `${name}: ${unit === "blocks" ? value : value.toPrecision(3)} ${unit}${limit === undefined ? "" : `, ${value <= limit ? "within" : "OVER"} ${Number(limit.toPrecision(3))}`}`;
