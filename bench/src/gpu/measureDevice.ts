// A device's results, as data and as lines. Those of a software adapter say so in each line, so that none can be quoted as a
// GPU's.
import { describeBackend } from "@llr/tensor";
import type { Gpu, GpuDescription } from "@llr/tensor/gpu";
import { time } from "../measure.ts";
import { type DeviceItem, type SectionName, sections, type Sizes } from "./deviceItems.ts";
import type { GpuArguments } from "./gpuArguments.ts";
import type { Peak } from "./peaks.ts";
import { driverSemantics, type Finding, isFault } from "./semantics.ts";
import { type DeviceTiming, timeOnDevice } from "./timeOnDevice.ts";

export interface DeviceResult {
  readonly section: SectionName;
  readonly name: string;
  /** "software" for an adapter that computes on the CPU. */
  readonly on: "gpu" | "software";
  /** Absent if the device has no kernel for it, or it failed. */
  readonly timing?: DeviceTiming;
  readonly rate?: number;
  readonly unit?: "TFLOP/s" | "GB/s";
  readonly shareOfPeak?: number;
  readonly inMemory?: { readonly median: number; readonly threads: number; readonly timesFaster: number };
  /** Largest relative difference of the losses of three steps. */
  readonly lossDifference?: number;
  /** An op or a case that the device refuses by design. */
  readonly refused?: string;
  readonly failed?: string;
}

export interface DeviceReport {
  readonly results: readonly DeviceResult[];
  readonly semantics: readonly Finding[];
  readonly hasFault: boolean;
}

export async function measureDevice(gpu: Gpu, sizes: Sizes, { sections: chosen, quick }: Pick<GpuArguments, "sections" | "quick">, peak: Peak | null, print: (line: string) => void): Promise<DeviceReport> {
  const label = labelOf(gpu.description);
  const semantics = chosen.includes("semantics") ? await driverSemantics(gpu, quick ? 2 ** 16 : 2 ** 22) : [];
  for (const finding of semantics) print(`${label}  ${formatFinding(finding)}`);
  const results: DeviceResult[] = [];
  for (const [section, items] of Object.entries(sections(sizes)) as [SectionName, readonly DeviceItem[]][]) {
    if (!chosen.includes(section)) continue;
    for (const item of items) {
      const result = { section, on: label, ...(await measured(gpu, item, quick, peak)) } as const;
      results.push(result);
      print(`${label}  ${formatResult(result, peak)}`);
    }
  }
  return { results, semantics, hasFault: semantics.some(isFault) || results.some((r) => r.failed !== undefined) };
}

export const labelOf = ({ isHardware }: GpuDescription): "gpu" | "software" => (isHardware ? "gpu" : "software");

async function measured(gpu: Gpu, { name, work, make, kernels = 1, chained, inMemory, compare }: DeviceItem, quick: boolean, peak: Peak | null): Promise<Omit<DeviceResult, "section" | "on">> {
  try {
    const differences = compare && (await compare(gpu)).map(([device, memory]) => Math.abs(device - memory) / Math.abs(memory));
    const raw = await timeOnDevice(gpu, make(gpu), kernels, quick ? { ms: 5, samples: 3 } : { ms: 100, samples: 7 });
    const parts = chained ? kernels : 1;
    const timing = { ...raw, best: raw.best / parts, median: raw.median / parts };
    const rate = work && work.amount / timing.median / (work.unit === "TFLOP/s" ? 1e9 : 1e6);
    const cpu = inMemory && (await time({ name, make: inMemory.make }, { ms: quick ? 20 : 1000 })).median;
    return {
      name, timing,
      ...(work && { rate: rate!, unit: work.unit, ...(work.unit === "TFLOP/s" && peak && { shareOfPeak: rate! / peak.tflops }) }),
      ...(cpu !== undefined && { inMemory: { median: cpu, threads: describeBackend().threads, timesFaster: cpu / timing.median } }),
      ...(differences && { lossDifference: Math.max(...differences) }),
    };
  } catch (error) {
    const { message, code } = error as { message: string; code?: string };
    const [line] = message.split("\n");
    return code === "LLR_NO_KERNEL" ? { name, refused: line } : { name, failed: line };
  }
}

const digits = (x: number): string => (x >= 1000 ? x.toFixed(0) : x.toPrecision(3));

export function formatResult({ name, on, timing, rate, unit, shareOfPeak, inMemory, lossDifference, refused, failed }: DeviceResult, peak: Peak | null): string {
  const start = name.padEnd(48);
  if (timing === undefined) return `${start} ${failed === undefined ? `refused: ${/has (no kernel for \w+)/.exec(refused!)?.[1] ?? refused}` : `FAILED: ${failed}`}`;
  const parts = [`${digits(timing.median).padStart(9)} ms (best ${digits(timing.best)}, first ${digits(timing.first)})`];
  if (rate !== undefined) parts.push(`${rate.toPrecision(3)} ${unit}`);
  if (unit === "TFLOP/s" && on === "gpu") parts.push(shareOfPeak === undefined ? "peak unknown" : `${(100 * shareOfPeak).toFixed(1)} % of ${peak!.tflops.toFixed(1)}`);
  if (inMemory !== undefined) parts.push(`in memory ${digits(inMemory.median)} ms on ${inMemory.threads} thread${inMemory.threads === 1 ? "" : "s"}, ${inMemory.timesFaster.toPrecision(3)}x`);
  if (lossDifference !== undefined) parts.push(`losses differ by ${lossDifference.toExponential(0)}`);
  return `${start} ${parts.join("; ")}`;
}

function formatFinding(finding: Finding): string {
  const { name, found, inMemory, reliedOn } = finding;
  const verdict = found === inMemory ? "as in memory" : `in memory: ${inMemory}${reliedOn ? "; FAULT: kernels rely on it" : ""}`;
  return `${name}: ${found} (${verdict})`;
}
