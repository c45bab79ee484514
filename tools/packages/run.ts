// Runs a program as a user's project would: without what this repository's launcher and npm have set for their own processes.
import { spawnSync } from "node:child_process";
import type { Command } from "./programs.ts";

const OURS = /^(NODE_OPTIONS|INIT_CWD|LLR_.*|npm_(lifecycle|package|config_(user_agent|local_prefix|prefix)).*)$/;
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name)));

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  /** Both streams, for a message. */
  readonly output: string;
}

export function run([program, ...args]: Command, rest: readonly string[], cwd: string, more: Readonly<Record<string, string>> = {}): Ran {
  const shell = process.platform === "win32" && !program.endsWith(".exe");
  const { status, stdout, stderr, error } = spawnSync(program, [...args, ...rest], { cwd, env: { ...env, ...more }, encoding: "utf8", shell, timeout: 300_000 });
  return { status, stdout: stdout ?? "", output: `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`.trim() };
}

/** @throws what the program said, unless it ends with 0 */
export function mustRun(command: Command, rest: readonly string[], cwd: string, more?: Readonly<Record<string, string>>): Ran {
  const ran = run(command, rest, cwd, more);
  if (ran.status !== 0) throw new Error(`${[...command, ...rest].join(" ")} ended with ${ran.status}:\n${ran.output.slice(-2000)}`);
  return ran;
}
