import { percent } from "../report/summary.ts";
import { fitting, leftText, LINE_MS, type ProgressOutput, REPAINT_MS } from "../progress.ts";
import { remainingTime } from "../remaining.ts";

/** What is known of an arm while it trains. */
export interface LiveState {
  readonly state: "waiting" | "training" | "done" | "failed";
  readonly step: number;
  readonly loss: number | null;
  /** The latest test, 0 to 1. */
  readonly accuracy: number | null;
}

export interface LiveTable {
  update(arm: number, state: LiveState): void;
  /** Removes the table, so that what follows starts at the margin. */
  end(): void;
}

const BAR = 20;

/**
 * The arms with their progress, loss and latest accuracy, and the time that remains. A terminal gets a table that is
 * repainted in place, anything else one plain line now and then.
 *
 * @param names of the arms
 * @param steps of each arm
 * @param workers arms at a time
 * @param now milliseconds; only the shown time depends on it
 */
export function liveTable(names: readonly string[], steps: number, workers: number, output: ProgressOutput, now: () => number = () => performance.now()): LiveTable {
  const terminal = output.isTTY === true;
  const states: LiveState[] = names.map(() => ({ state: "waiting", step: 0, loss: null, accuracy: null }));
  const remaining = remainingTime({ jobs: names.length, steps, workers }, now);
  const width = Math.max(...names.map((n) => n.length));
  let shownAt = -Infinity;
  let painted = 0;

  // A failed arm needs no more time: it counts as through.
  const done = (): number => states.reduce((total, s) => total + (s.state === "failed" ? steps : s.step), 0);
  const ended = (): number => states.filter((s) => s.state === "done" || s.state === "failed").length;
  const row = (name: string, { state, step, loss, accuracy }: LiveState): string => {
    const filled = Math.round((BAR * step) / steps);
    const numbers = state === "waiting" || state === "failed" ? state : `step ${step}/${steps}  loss ${loss === null ? "-" : loss.toFixed(3)}  ${accuracy === null ? "" : `accuracy ${percent(accuracy)}`}`;
    return `${name.padEnd(width)}  ${"#".repeat(filled)}${".".repeat(BAR - filled)}  ${numbers}`.trimEnd();
  };
  const erase = (): string => (painted === 0 ? "" : `\u001B[${painted}A\r\u001B[0J`);

  return {
    update(arm, state) {
      states[arm] = state;
      if (state.state === "training") remaining.observe(arm, state.step);
      else if (state.state !== "waiting") remaining.end(arm);
      const left = remaining.left();
      if (now() - shownAt < (terminal ? REPAINT_MS : LINE_MS) && ended() < names.length) return;
      shownAt = now();
      const summary = `${ended()} of ${names.length} arms done`;
      if (terminal) {
        const lines = [...states.map((s, i) => row(names[i], s)), `${summary}${leftText(left, ", about ")}`];
        output.write(`${erase()}${lines.map((line) => fitting(line, output)).join("\n")}\n`);
        painted = lines.length;
      } else {
        const running = states.flatMap((s, i) => (s.state === "training" ? [`${names[i]} ${Math.round((100 * s.step) / steps)} %`] : []));
        output.write(`step ${done()}/${steps * names.length}  ${[summary, ...running].join("  ")}${leftText(left)}\n`);
      }
    },
    end() {
      if (terminal) output.write(erase());
      painted = 0;
    },
  };
}
