import { constants } from "node:os";

/** Why a run is to stop. */
export interface Reason {
  /** Of the command: 128 and the signal's number, as shells have it. */
  readonly exitCode: number;
  /** Before "stopping ...", and behind it. */
  readonly heading: string;
  readonly hint: string;
}

export interface Interrupt {
  /** Why the user, or the system, has asked to stop; null: nobody has. */
  reason(): Reason | null;
  /** Calls when it is asked to stop; now, if that was before. */
  onRequest(stop: (reason: Reason) => void): void;
  /** Calls before the process leaves at once. */
  onLeave(leave: () => void): void;
}

/** Ctrl-C in a terminal comes from the terminal and, by way of npm and the launcher, once or twice more: moments apart. */
const SAME_REQUEST_MS = 500;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const PARENT_MS = 250;

const codeOf = (signal: keyof typeof constants.signals): number => 128 + constants.signals[signal];

const REASONS: Readonly<Record<(typeof SIGNALS)[number], Reason>> = {
  SIGINT: { exitCode: codeOf("SIGINT"), heading: "", hint: "; Ctrl-C again leaves at once" },
  SIGTERM: { exitCode: codeOf("SIGTERM"), heading: "SIGTERM: ", hint: "; a second signal leaves at once" },
  SIGHUP: { exitCode: codeOf("SIGHUP"), heading: "SIGHUP: ", hint: "; a second signal leaves at once" },
};
const CLOSED_PIPE: Reason = { exitCode: codeOf("SIGPIPE"), heading: "nobody reads the output any more: ", hint: "" };

/** The reader has gone, or the terminal. */
export const isClosedOutput = (error: NodeJS.ErrnoException): boolean => error.code === "EPIPE" || error.code === "EIO" || error.code === "ERR_STREAM_DESTROYED";

/**
 * The first SIGINT (Ctrl-C), SIGTERM, SIGHUP or closed pipe asks the command to finish its step and save; a second signal
 * leaves at once. The end of the launcher that started the command counts as SIGHUP: nobody waits for it any more.
 */
export function watchInterrupts(now: () => number = () => performance.now()): Interrupt {
  let reason: Reason | null = null;
  let heardAt = -Infinity;
  const stops: ((reason: Reason) => void)[] = [];
  const leaves: (() => void)[] = [];

  const request = (why: Reason): void => {
    if (reason !== null) return;
    reason = why;
    for (const stop of stops) stop(why);
  };
  const onSignal = (signal: (typeof SIGNALS)[number]): void => {
    const at = now();
    if (at - heardAt < SAME_REQUEST_MS) return;
    if (heardAt > -Infinity) {
      for (const leave of leaves) leave();
      process.exit(REASONS[signal].exitCode);
    }
    heardAt = at;
    request(REASONS[signal]);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  for (const output of [process.stdout, process.stderr]) output.on("error", (error) => isClosedOutput(error) && request(CLOSED_PIPE));
  if (process.env["LLR_LAUNCHER"] === String(process.ppid)) watchLauncher(process.ppid, () => request(REASONS.SIGHUP));

  return {
    reason: () => reason,
    onRequest(stop) {
      stops.push(stop);
      if (reason !== null) stop(reason);
    },
    onLeave: (leave) => void leaves.push(leave),
  };
}

function watchLauncher(pid: number, onEnd: () => void): void {
  const watch = setInterval(() => {
    if (process.ppid === pid) return;
    clearInterval(watch);
    onEnd();
  }, PARENT_MS);
  watch.unref();
}

/** What is said when it is asked to stop. */
export const stopping = ({ heading, hint }: Reason, what: string): string => `llr: ${heading}stopping ${what}${hint}`;

/** What is said where nothing has begun. @returns the exit code */
export function stoppedEarly({ heading, exitCode }: Reason): number {
  console.error(`llr: ${heading}stopped before the first step; nothing was written`);
  return exitCode;
}
