// The same tasks by this library and its peers, in turn.
import type { Arguments } from "../src/arguments.ts";
import { better, measureMachine } from "../src/machine/machine.ts";
import { median } from "../src/measure.ts";
import { describeMachine } from "../src/print.ts";
import { heading, isBusy, type RunDescription } from "../src/run.ts";
import { type NamedTask, TASKS } from "../src/tasks.ts";
import { PeerProcess, type Limits } from "./child.ts";
import { ensurePackages } from "./install.ts";
import { OURS, PEERS } from "./peers.ts";
import type { Ready, Request, Sampled } from "./protocol.ts";
import { messageOf } from "./protocol.ts";
import { formatFootnotes, formatHeader, formatRow, footnotes, ofBest } from "./table.ts";

/** What is asked of a peer: a process, or anything like one. */
export interface Contestant {
  readonly label: string;
  ask(request: Request): Promise<Sampled>;
}

export interface Measured {
  /** Milliseconds: median of the rounds' medians. */
  readonly median: number;
  /** Milliseconds: on a busy machine the figure that the least of others' work is in. */
  readonly best: number;
  /** How many times as long as ours it takes, round by round: above 1, we are faster. */
  readonly ratio: number;
  readonly rounds: number;
  readonly samples: number;
}

/** What one did on one task. */
export type Outcome = Measured | { readonly error: string };

export interface Row {
  readonly name: string;
  /** Ours first. */
  readonly outcomes: readonly Outcome[];
}

/** Milliseconds: whose run takes longer is asked once. */
export const SLOW = 1000;

/** A B C A B C: what slows the machine down for a while slows all of them. Who fails is out; the others go on. */
export async function compare({ name, task }: NamedTask, contestants: readonly Contestant[], { rounds, budget }: { readonly rounds: number; readonly budget: number }): Promise<Row> {
  const errors = contestants.map((): string | null => null);
  const answers = contestants.map(() => [] as Sampled[]);
  for (let round = 0; round < rounds; round++)
    for (const [i, contestant] of contestants.entries()) {
      if (errors[i] !== null || (round > 0 && answers[i][0].median > SLOW)) continue;
      try {
        answers[i].push(await contestant.ask({ name, task, budget }));
      } catch (error) {
        errors[i] = messageOf(error);
      }
    }
  const [ours] = answers;
  return {
    name,
    outcomes: answers.map((list, i) => {
      const error = errors[i];
      if (error !== null) return { error };
      const ratio = median(list.slice(0, Math.max(1, ours.length)).map((a, round) => a.median / (ours[round]?.median ?? NaN)));
      return { median: median(list.map((a) => a.median)), best: Math.min(...list.map((a) => a.best)), ratio, rounds: list.length, samples: list.reduce((n, a) => n + a.samples, 0) };
    }),
  };
}

interface Started extends Contestant {
  readonly ready: Ready;
}

const LIMITS: Limits = { start: 60_000, answer: 90_000 };

/** Prints rows as they come. @returns what a JSON file shall hold */
export async function compareWithPeers({ suites, quick, threads, turbo, peers }: Arguments, run: RunDescription): Promise<object> {
  const settings = { threads, turbo };
  const tasks = suites.flatMap((suite) => (suite === "memory" ? [] : TASKS[suite]).filter((t) => !t.ownOnly));
  if (tasks.length === 0) throw new Error("--peers: memory has nothing to compare. Name another suite, or none for all.");
  const processes: PeerProcess[] = [];
  const started: Started[] = [];
  const missing: { readonly label: string; readonly error: string }[] = [];
  console.log(heading("comparison", run));
  const before = measureMachine([]);
  let packages: string | null | undefined;
  /** Null when they are there, else why not. */
  const packagesProblem = (): string | null => {
    try {
      ensurePackages();
      return null;
    } catch (error) {
      return messageOf(error);
    }
  };
  try {
    for (const { label, needsPackages, command } of [OURS, ...peers.map((name) => PEERS[name])]) {
      if (needsPackages && (packages ??= packagesProblem()) !== null) {
        missing.push({ label, error: packages });
        continue;
      }
      const peer = new PeerProcess(() => command(settings), LIMITS);
      processes.push(peer);
      try {
        const ready = await peer.start();
        started.push({ label, ready, ask: (request) => peer.ask(request) });
        console.log(`${label} ${ready.version}, ${ready.threads} thread${ready.threads === 1 ? "" : "s"}${ready.note ? `, ${ready.note}` : ""}`);
      } catch (error) {
        if (label === OURS.label) throw error;
        missing.push({ label, error: messageOf(error) });
        console.log(`${label}: not compared: ${messageOf(error)}`);
      }
    }
    const rows: Row[] = [];
    const notes = footnotes();
    const width = Math.max(...tasks.map((t) => t.name.length));
    console.log(`\n${formatHeader(started.map((s) => s.label), width)}`);
    for (const task of tasks) {
      const row = await compare(task, started, quick ? { rounds: 2, budget: 50 } : { rounds: 5, budget: 200 });
      rows.push(row);
      console.log(formatRow(row, width, notes));
    }
    if (isBusy(run)) {
      console.log(`\nThe machine was busy: the best samples, which others' work is least in.\n${formatHeader(started.map((s) => s.label), width)}`);
      for (const row of rows) console.log(formatRow(ofBest(row), width, notes));
    }
    console.log(formatFootnotes(notes));
    const machine = better(before, measureMachine([]));
    console.log(describeMachine(machine));
    return { settings, machine, contestants: started.map(({ label, ready }) => ({ label, ...ready })), missing, rows };
  } finally {
    for (const peer of processes) peer.stop();
  }
}
