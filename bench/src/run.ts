// Where and how a run was made.
import { arch, availableParallelism, cpus, loadavg, platform, release } from "node:os";
import type { Backend } from "@llr/tensor";

export interface RunDescription {
  readonly node: string;
  readonly v8: string;
  readonly flags: readonly string[];
  readonly cpu: string;
  readonly cores: number;
  readonly platform: string;
  /** Average of the last minute, before the run. */
  readonly load: number;
}

export function describeRun(): RunDescription {
  return {
    node: process.versions.node, v8: process.versions.v8, flags: process.execArgv, cpu: cpus()[0]?.model.trim() ?? "unknown", cores: availableParallelism(),
    platform: `${platform()} ${release()} ${arch()}`, load: loadavg()[0],
  };
}

/** Then a run that is longer than a slice of the scheduler's is interrupted, and its median says little. */
export const isBusy = ({ load, cores }: RunDescription): boolean => load > 0.5 * cores;

/** The lines above a table. @param backend what the suite in this process runs on; absent where others do the work */
export function heading(title: string, run: RunDescription, backend?: Backend): string {
  const { cpu, cores, node, flags, load } = run;
  const kernels = backend && `; kernels: ${backend.home}, ${backend.arithmetic}${backend.turbo ? ", turbo" : ""}, ${backend.threads} thread${backend.threads === 1 ? "" : "s"}`;
  const lines = [`\n${title}: ${cpu}, ${cores} cores, Node ${[node, ...flags].join(" ")}${kernels ?? ""}; load ${load.toFixed(2)}`];
  if (isBusy(run)) lines.push("warning: the machine is busy; expect noise, and compare ratios only");
  return lines.join("\n");
}
