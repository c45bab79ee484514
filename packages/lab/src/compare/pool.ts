import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { watchInterrupts } from "../interrupt.ts";
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
  /** Running jobs finish their step and save; waiting ones are not started. */
  stop(): void;
}

/** Runs every job in a process of its own, as many at a time as asked for. */
export function runPool(jobs: readonly Job[], { workers, onProgress, onDone }: PoolOptions): Pool {
  const running = new Set<ChildProcess>();
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
      running.add(child);
      let outcome: JobOutcome | null = null;
      let complaint = "";
      child.stderr?.on("data", (chunk: Buffer) => (complaint = `${complaint}${chunk}`.slice(-2000)));
      child.on("message", (message: JobMessage) => {
        if (message.kind === "done") outcome = message.outcome;
        else onProgress?.(job, message);
      });
      child.on("error", (error) => (complaint ||= error.message));
      child.on("close", (code, signal) => {
        running.delete(child);
        const lastLine = complaint.trim().split("\n").findLast((line) => /Error/.test(line)) ?? "";
        resolve(outcome ?? { status: "failed", error: `its process ended early (${signal ?? `exit code ${code}`}). ${lastLine}`.trim() });
      });
    });
  }

  return {
    outcomes: Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work)).then(() => jobs.map((_, i) => outcomes[i] ?? null)),
    stop: () => {
      waiting.length = 0;
      for (const child of running) if (child.connected) child.send("stop");
    },
  };
}

/**
 * Runs a pool under the eyes of the user, who may stop it with Ctrl-C.
 *
 * @param display is removed before anything else is said, and when all is done
 * @param what is stopped, in the message: "arm"
 */
export async function runWatched(jobs: readonly Job[], display: { end(): void }, what: string, options: PoolOptions): Promise<{ outcomes: (JobOutcome | null)[]; stopped: boolean }> {
  const pool = runPool(jobs, options);
  const interrupt = watchInterrupts(() => {
    display.end();
    console.error(`llr: stopping every ${what} after its step; Ctrl-C again leaves at once`);
    pool.stop();
  });
  const outcomes = await pool.outcomes;
  display.end();
  interrupt.release();
  return { outcomes, stopped: interrupt.requested };
}
