import { remainingTime } from "./remaining.ts";

/** Where progress is written: a terminal gets one line that is repainted, anything else a plain line now and then. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Progress {
  update(done: number, text: string): void;
  /** Removes the repainted line, so that what follows starts at the margin. */
  end(): void;
}

/** A terminal is repainted at most this often; other outputs get a line this often. */
export const REPAINT_MS = 100;
export const LINE_MS = 5_000;

/** As much of a line as fits. Some terminals, such as those of build servers, say that they have 0 columns: nothing is known then. */
export const fitting = (line: string, { columns }: ProgressOutput): string => line.slice(0, (columns || 80) - 1);

/** "  3 s left", or nothing while no time can be told. */
export const leftText = (ms: number | null, before: string = "  "): string => (ms === null ? "" : `${before}${formatDuration(ms)} left`);

/**
 * Progress over `total` steps with the time that remains, once it can be told.
 *
 * @param now milliseconds; only the shown time depends on it
 */
export function progress(total: number, output: ProgressOutput, now: () => number = () => performance.now()): Progress {
  const terminal = output.isTTY === true;
  const digits = String(total).length;
  const remaining = remainingTime({ jobs: 1, steps: total, workers: 1 }, now);
  let shownAt = -Infinity;

  return {
    update(done, text) {
      remaining.observe(0, done);
      const left = remaining.left();
      if (now() - shownAt < (terminal ? REPAINT_MS : LINE_MS) && done < total) return;
      shownAt = now();
      const line = `step ${String(done).padStart(digits)}/${total}  ${text}${leftText(left)}`;
      output.write(terminal ? `\r\u001B[2K${fitting(line, output)}` : `${line}\n`);
    },
    end() {
      if (terminal) output.write("\r\u001B[2K");
    },
  };
}

/** 75_000 -> "1 min 15 s" */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return "? s";
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
