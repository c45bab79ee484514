import { parseArgs } from "node:util";
import { SIZES, type SectionName, sections } from "./deviceItems.ts";

export interface GpuArguments {
  readonly sections: readonly (SectionName | "semantics")[];
  /** Small sizes, on an adapter that computes on the CPU. */
  readonly software: boolean;
  readonly quick: boolean;
  /** TFLOP/s, where the table has none or a wrong one. */
  readonly peak: number | undefined;
  /** Default: a file named after the device, in bench/results. */
  readonly json: string | undefined;
}

export const SECTIONS: readonly (SectionName | "semantics")[] = ["semantics", ...(Object.keys(sections(SIZES.software)) as SectionName[])];
export const GPU_USAGE: string = `usage: npm run bench -- --gpu [${SECTIONS.join("|")} ...] [--software] [--quick] [--peak TFLOPS] [--json FILE]`;

/** @throws Error with one line for the user */
export function readGpuArguments(args: readonly string[]): GpuArguments {
  const { values, positionals } = parseArgs({
    args: [...args], allowPositionals: true,
    options: { gpu: { type: "boolean" }, software: { type: "boolean" }, quick: { type: "boolean" }, peak: { type: "string" }, json: { type: "string" } },
  });
  const unknown = positionals.find((name) => !(SECTIONS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`unknown part ${unknown}. ${GPU_USAGE}`);
  const peak = values.peak === undefined ? undefined : Number(values.peak);
  if (peak !== undefined && !(peak > 0 && peak < 1e6)) throw new Error(`--peak ${values.peak} is no number of TFLOP/s above 0. ${GPU_USAGE}`);
  return { sections: positionals.length > 0 ? (positionals as (SectionName | "semantics")[]) : SECTIONS, software: values.software ?? false, quick: values.quick ?? false, peak, json: values.json };
}
