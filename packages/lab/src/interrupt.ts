import { EXIT } from "./exit.ts";

export interface Interrupt {
  /** Whether the user has asked to stop. */
  readonly requested: boolean;
  /** Gives signals back their usual effect. */
  release(): void;
}

/**
 * The first Ctrl-C (or SIGTERM, or a closed pipe) asks the run to finish its step and save; the second leaves at once.
 *
 * @param say tells the user that the first one was heard
 */
export function watchInterrupts(say: () => void): Interrupt {
  let requested = false;
  const onSignal = (): void => {
    if (requested) process.exit(EXIT.interrupted);
    requested = true;
    say();
  };
  const onPipe = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw error;
    requested = true; // nobody reads any more: finish quietly
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  process.stdout.on("error", onPipe);
  return {
    get requested() {
      return requested;
    },
    release() {
      process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    },
  };
}
