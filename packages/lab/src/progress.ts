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

/**
 * Estimates the time that remains of `total` steps. Time and steps are averaged apart, both forgetting the past alike: ticks
 * come when they come, many for few steps and few for many.
 */
export function remainingTime(total: number, now: () => number): { observe(done: number): number } {
  let [time, steps] = [0, 0];
  let last = { done: 0, at: now() };
  return {
    /** @returns milliseconds left; NaN before the first step */
    observe(done) {
      const at = now();
      time = 0.95 * time + (at - last.at);
      steps = 0.95 * steps + (done - last.done);
      last = { done, at };
      return (total - done) * (time / steps);
    },
  };
}

/**
 * Progress over `total` steps with the time that remains.
 *
 * @param now milliseconds; only the shown time depends on it
 */
export function progress(total: number, output: ProgressOutput, now: () => number = () => performance.now()): Progress {
  const terminal = output.isTTY === true;
  const digits = String(total).length;
  const remaining = remainingTime(total, now);
  let shownAt = -Infinity;

  return {
    update(done, text) {
      const left = remaining.observe(done);
      if (now() - shownAt < (terminal ? REPAINT_MS : LINE_MS) && done < total) return;
      shownAt = now();
      const line = `step ${String(done).padStart(digits)}/${total}  ${text}  ${formatDuration(left)} left`;
      output.write(terminal ? `\r\u001B[2K${line.slice(0, (output.columns ?? 80) - 1)}` : `${line}\n`);
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
