// Whom this library is compared with, and how each is started.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Settings, TURBO_FLAG } from "../src/engine.ts";

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  /** Beside this process's environment. */
  readonly env: Readonly<Record<string, string>>;
}

export interface PeerKind {
  readonly label: string;
  readonly needsPackages: boolean;
  /** @throws Error with one line where it cannot be started */
  command(settings: Settings): Command;
}

const here = import.meta.dirname;

/** The same Node and flags for all. */
function inNode(file: string, { turbo }: Settings, ...args: string[]): Command {
  const added = ["--expose-gc", ...(turbo ? [TURBO_FLAG] : [])].filter((flag) => !process.execArgv.includes(flag));
  return { command: process.execPath, args: [...process.execArgv, ...added, join(here, file), ...args], env: {} };
}

/** Debian's own Python first: it is the one that sees Debian's PyTorch. */
const PYTHONS = ["/usr/bin/python3", "python3"];

function pythonWithTorch(): string {
  const found = PYTHONS.find((python) => spawnSync(python, ["-c", "import torch"], { stdio: "ignore" }).status === 0);
  if (found === undefined) throw new Error("PyTorch is not installed; on Debian: apt-get install python3-torch libopenblas0-pthread");
  return found;
}

export const OURS: PeerKind = { label: "llr", needsPackages: false, command: (settings) => inNode("llr.ts", settings, String(settings.threads), settings.turbo ? "turbo" : "plain") };

export const PEERS = {
  plain: { label: "llr, 1 thread", needsPackages: false, command: () => OURS.command({ threads: 1, turbo: false }) },
  torch: {
    label: "PyTorch", needsPackages: false,
    command: ({ threads }) => ({
      command: pythonWithTorch(), args: [join(here, "pytorch.py"), String(threads)],
      // Its OpenMP threads otherwise spin while OpenBLAS's want the cores, which makes a step ten times as slow.
      env: { GOMP_SPINCOUNT: "1000", OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) },
    }),
  },
  "tfjs-wasm": { label: "tfjs-wasm", needsPackages: true, command: (settings) => inNode("tfjs.ts", settings, "wasm") },
  "tfjs-cpu": { label: "tfjs-cpu", needsPackages: true, command: (settings) => inNode("tfjs.ts", settings, "cpu") },
  jax: { label: "jax-js", needsPackages: true, command: (settings) => inNode("jax.ts", settings) },
} as const satisfies Readonly<Record<string, PeerKind>>;
export type PeerName = keyof typeof PEERS;
