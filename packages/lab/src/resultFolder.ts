// A folder belongs to the command that claimed it. The claim is a file that one of several writers makes (`owner-1.json`); it
// says which process that is, so that others can tell whether it still works on the folder.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { jsonText } from "@llr/train";
import { checkVacant, claiming, createWhole, makeFolder, RunFolderError } from "@llr/train/node";
import { timestamp } from "./timestamp.ts";

/** Which process works on a folder, or did. */
interface Owner {
  readonly command: string;
  readonly host: string;
  readonly pid: number;
  /** When that process began, in the system's own count: a number of another process may be used again. Null where unknown. */
  readonly began: string | null;
}

export interface ResultFolderOptions {
  /** As the user named it; else the folder gets a name below runs/. */
  readonly out: string | undefined;
  /** What is trained: "compare-lenet5-seed1". */
  readonly name: string;
  /** In the words of a refusal: "a comparison". */
  readonly holding: string;
  /** The file that a broken off command can go on from. */
  readonly resumes?: string;
}

export interface ResultFolder {
  readonly dir: string;
  /** Whether the folder holds what the command can go on from. */
  readonly isResumed: boolean;
}

/** What commands write. A folder that holds any of it is taken. */
const OURS: Readonly<Record<string, string>> = {
  "compare.json": "a comparison", "sweep.json": "a sweep", "run.json": "a run", "metrics.jsonl": "a run", "times.jsonl": "a run", "layers.jsonl": "a run",
  arms: "a comparison", "report.html": "a report", "summary.csv": "a report", "layers.csv": "a report", runs: "a sweep", "sweep.csv": "a sweep",
};

/**
 * Refuses a folder that is taken, before any work is done. It is no claim.
 *
 * @throws RunFolderError, FileError
 */
export function refuseTaken({ out, resumes }: ResultFolderOptions): void {
  if (out === undefined) return;
  if (resumes !== undefined && existsSync(join(out, resumes))) return;
  for (const [name, holding] of Object.entries(OURS)) checkVacant(out, [name], holding);
}

/**
 * Makes the folder and takes it: of several processes that ask for the same one, one gets it.
 *
 * @param command who asks: "compare"
 * @throws RunFolderError if another has it, or it holds something of ours; FileError
 */
export function claimFolder(options: ResultFolderOptions, command: string): ResultFolder {
  const { out, holding, resumes } = options;
  const dir = out ?? makeNamed("runs", options.name, new Date());
  makeFolder(dir);
  const latest = latestOwner(dir);
  if (latest !== null && isAlive(latest.owner)) throw new RunFolderError(dir, ownedBy(latest));
  const file = `owner-${latest === null ? 1 : latest.number + 1}.json`;
  const owner: Owner = { command, host: hostname(), pid: process.pid, began: beginOf(process.pid) };
  claiming(dir, file, () => createWhole(join(dir, file), jsonText(owner)), holding);
  try {
    const isResumed = resumes !== undefined && existsSync(join(dir, resumes));
    if (!isResumed) refuseTaken({ ...options, out: dir });
    return { dir, isResumed };
  } catch (error) {
    rmSync(join(dir, file));
    throw error;
  }
}

/** PARENT/NAME-DATE-TIME, with a counter where others began in the same second. */
export function makeNamed(parent: string, name: string, now: Date): string {
  const path = join(parent, `${name}-${timestamp(now)}`);
  makeFolder(parent);
  for (let i = 1; ; i++) {
    const dir = i === 1 ? path : `${path}-${i}`;
    if (makeFolder(dir)) return dir;
  }
}

interface Claim {
  readonly number: number;
  readonly owner: Owner | null;
}

/** The claim that counts: each that takes a folder over makes the next. */
function latestOwner(dir: string): Claim | null {
  const numbers = readdirSync(dir).flatMap((name) => /^owner-(\d+)\.json$/.exec(name)?.slice(1).map(Number) ?? []);
  if (numbers.length === 0) return null;
  const number = Math.max(...numbers);
  try {
    return { number, owner: JSON.parse(readFileSync(join(dir, `owner-${number}.json`), "utf8")) as Owner };
  } catch {
    return { number, owner: null };
  }
}

function ownedBy({ number, owner }: Claim): string {
  const who = owner === null ? "another process" : `llr ${owner.command}, process ${owner.pid} on ${owner.host}`;
  const here = owner !== null && owner.host !== hostname() ? ` If that has ended, remove owner-${number}.json.` : "";
  return `the folder belongs to ${who} (owner-${number}.json). Choose another with --out; nothing is overwritten.${here}`;
}

/** Whether a process works on the folder. One on another machine cannot be asked: it is taken to. */
export function isWorkedOn(dir: string): boolean {
  const latest = existsSync(dir) ? latestOwner(dir) : null;
  return latest !== null && isAlive(latest.owner);
}

/**
 * Whether the process that claimed the folder has ended. A folder without a claim, as of older versions, tells nothing. To be
 * asked before a status is read: then one that still says "running" is known to stay so.
 */
export function isAbandoned(dir: string): boolean {
  return existsSync(join(dir, "owner-1.json")) && !isWorkedOn(dir);
}

function isAlive(owner: Owner | null): boolean {
  if (owner === null) return true; // it is being written
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false; // EPERM: it is there, and somebody else's
  }
  return owner.began === null || beginOf(owner.pid) === owner.began;
}

/** Clock ticks from the start of the system to that of the process; null where /proc does not tell. */
function beginOf(pid: number): string | null {
  try {
    // "1234 (node) S ...": the name may hold anything; the 20th field behind it is the start.
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ")[19];
  } catch {
    return null;
  }
}
