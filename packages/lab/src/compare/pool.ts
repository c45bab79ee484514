import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Interrupt, stopping } from "../interrupt.ts";
import type { Job, JobMessage, JobOutcome, JobProgress } from "./job.ts";

const WORKER = fileURLToPath(new URL(`./worker.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url));

export interface PoolOptions {
  /** Processes at a time. Results do not depend on it. */
  readonly workers: number;
  readonly onProgress?: (job: Job, progress: JobProgress) => void;
  readonly onDone?: (job: Job, outcome: JobOutcome) => void;
}

export interface Pool {
  /** Outcomes in the order of the jobs; null: not started. A process that dies is a failed outcome; the others go on. */
  readonly outcomes: Promise<(JobOutcome | null)[]>;
  /** Running jobs finish their step and save; those that have not begun are not started. */
  stop(): void;
  /** Ends every process at once. What it had not saved is lost. */
  kill(): void;
}

/** Runs every job in a process of its own, as many at a time as asked for. */
export function runPool(jobs: readonly Job[], { workers, onProgress, onDone }: PoolOptions): Pool {
  /** Each with whether it has begun to write. */
  const running = new Map<ChildProcess, boolean>();
  let isStopping = false;
  const outcomes: JobOutcome[] = [];
  const waiting = [...jobs.keys()];

  async function work(): Promise<void> {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
      outcomes[index] = await runInProcess(jobs[index]);
      onDone?.(jobs[index], outcomes[index]);
    }
  }

  function runInProcess(job: Job): Promise<JobOutcome> {
    return new Promise((resolve) => {
      const child = fork(WORKER, [JSON.stringify(job)], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
      running.set(child, false);
      let outcome: JobOutcome | null = null;
      let complaint = "";
      child.stderr?.on("data", (chunk: Buffer) => (complaint = `${complaint}${chunk}`.slice(-2000)));
      child.on("message", (message: JobMessage) => {
        if (message.kind === "ready") begin(child);
        else if (message.kind === "done") outcome = message.outcome;
        else onProgress?.(job, message);
      });
      child.on("error", (error) => {
        complaint ||= `Error: ${error.message}`;
        if (child.pid === undefined) end("no process could be started");
      });
      child.on("close", (code, signal) => end(signal ?? `exit code ${code}`));

      function end(how: string): void {
        // Not begun and asked to stop, perhaps by a signal that came here before it came to us.
        const isStopped = running.get(child) === false && (isStopping || ["SIGINT", "SIGTERM", "SIGHUP"].includes(how));
        running.delete(child);
        const lastLine = complaint.trim().split("\n").findLast((line) => /Error/.test(line)) ?? "";
        resolve(outcome ?? (isStopped ? { status: "interrupted" } : { status: "failed", error: `its process ended early (${how}). ${lastLine}`.trim(), isDivergence: false }));
      }
    });
  }

  function begin(child: ChildProcess): void {
    if (isStopping) return;
    running.set(child, true);
    if (child.connected) child.send("go");
  }

  return {
    outcomes: Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work)).then(() => jobs.map((_, i) => outcomes[i] ?? null)),
    stop: () => {
      waiting.length = 0;
      isStopping = true;
      for (const [child, hasBegun] of running)
        if (!hasBegun) child.kill("SIGKILL");
        else if (child.connected) child.send("stop");
    },
    kill: () => {
      for (const child of running.keys()) child.kill("SIGKILL");
    },
  };
}

/**
 * Runs a pool under the eyes of the user, who may stop it.
 *
 * @param display is removed before anything else is said, and when all is done
 * @param what is stopped, in the message: "arm"
 */
export async function runWatched(jobs: readonly Job[], display: { end(): void }, what: string, interrupt: Interrupt, options: PoolOptions): Promise<(JobOutcome | null)[]> {
  const pool = runPool(jobs, options);
  interrupt.onLeave(pool.kill);
  interrupt.onRequest((reason) => {
    display.end();
    console.error(stopping(reason, `every ${what} after its step`));
    pool.stop();
  });
  const outcomes = await pool.outcomes;
  display.end();
  return outcomes;
}

/** Whether a training was stopped, or not begun. */
export const isStopped = (outcome: JobOutcome | null): boolean => outcome === null || outcome.status === "interrupted";
