// Where and how a run was made.
import { availableParallelism, cpus, loadavg, platform, arch, release } from "node:os";
import { describeBackend } from "@llr/tensor";

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

/** The lines above a table. */
export function heading(title: string, cores: number, run: RunDescription = describeRun()): string {
  const { home, arithmetic, threads } = describeBackend();
  const lines = [`\n${title}: ${run.cpu}, ${run.cores} cores, Node ${run.node} ${run.flags.join(" ")}; kernels: ${home}, ${arithmetic}, ${threads} thread${threads === 1 ? "" : "s"}; load ${run.load.toFixed(2)}`];
  if (run.load > 0.5 * cores) lines.push("warning: the machine is busy; expect noise, and compare ratios only");
  return lines.join("\n");
}
