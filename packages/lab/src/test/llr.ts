// The command as a user runs it: a process of its own in a folder of its own.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

const BIN = join(import.meta.dirname, "..", "bin.ts");

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Sandbox {
  /** A path in the sandbox. */
  path(...parts: readonly string[]): string;
  /** Runs `llr` there; `onOutput` sees what it prints as it comes, `flags` are Node's. */
  llr(args: readonly string[], onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void, flags?: readonly string[]): Promise<Outcome>;
}

/** A temporary folder for the tests of a file. */
export function sandbox(): Sandbox {
  let root = "";
  beforeAll(() => { root = mkdtempSync(join(tmpdir(), "llr-")); });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return {
    path: (...parts) => join(root, ...parts),
    llr: (args, onOutput = () => {}, flags = []) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [...flags, BIN, ...args], { cwd: root });
        let out = "";
        let err = "";
        child.stdout.on("data", (chunk: Buffer) => { out += chunk; onOutput(String(chunk), (signal) => child.kill(signal)); });
        child.stderr.on("data", (chunk: Buffer) => { err += chunk; });
        child.on("error", reject).on("close", (code) => resolve({ code, out, err }));
      }),
  };
}
