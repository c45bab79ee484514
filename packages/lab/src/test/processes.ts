// A command with everything that it starts, told apart from all else by a mark in its environment.
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");

/** Ways to start `llr`, from the bare process to npm, its shell and the launcher above it. */
export const WAYS = {
  bin: [process.execPath, join(ROOT, "packages", "lab", "src", "bin.ts")],
  launcher: [process.execPath, join(ROOT, "tools", "run.mjs"), "llr"],
  npm: ["npm", "--prefix", ROOT, "--silent", "run", "llr", "--"],
} as const;

export interface Tree {
  readonly child: ChildProcess;
  /** Once the first process has ended, and with it the output: how. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly out: string; readonly err: string }>;
  /** Processes that are still there; Linux only. */
  left(): number[];
  /** Resolves when none is left. */
  empty(): Promise<void>;
}

/** @param args of `llr`. The tree is a process group, as a terminal's job is. */
export function startTree(way: keyof typeof WAYS, args: readonly string[], onOutput: (text: string) => void = () => {}): Tree {
  const mark = `LLR_TEST_TREE=${randomUUID()}`;
  const [command, ...first] = WAYS[way];
  const env: NodeJS.ProcessEnv = { ...process.env, LLR_TEST_TREE: mark.slice("LLR_TEST_TREE=".length) };
  for (const name of Object.keys(env)) if (name.startsWith("npm_")) delete env[name]; // those of the npm that runs the tests
  const child = spawn(command, [...first, ...args], { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const text = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => { text.out += chunk; onOutput(String(chunk)); });
  child.stderr.on("data", (chunk: Buffer) => { text.err += chunk; });
  const left = (): number[] => readdirSync("/proc").filter((name) => /^\d+$/.test(name) && hasMark(name, mark)).map(Number);
  return {
    child,
    ended: new Promise((resolve, reject) => child.on("error", reject).on("close", (code, signal) => resolve({ code, signal, ...text }))),
    left,
    empty: async () => {
      while (left().length > 0) await new Promise((resolve) => setTimeout(resolve, 100));
    },
  };
}

function hasMark(pid: string, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(mark);
  } catch {
    return false; // it has just ended
  }
}
