// What the comparison and a peer's process say to each other: a line of JSON each way, one request at a time. Answers carry
// a mark, since libraries print what they like.
import type { Task } from "../src/tasks.ts";

export interface Request {
  /** The task is made anew when its name differs from the last one's. */
  readonly name: string;
  readonly task: Task;
  /** Milliseconds to spend on samples. */
  readonly budget: number;
}

export interface Ready {
  readonly version: string;
  readonly threads: number;
  readonly note?: string;
}

export interface Sampled {
  /** Milliseconds of one run. */
  readonly median: number;
  readonly best: number;
  readonly samples: number;
}

export type Answer = { readonly ready: Ready } | { readonly sampled: Sampled } | { readonly error: string };

/** What a peer's process answers for a model that nobody wrote for it: an error of its task alone. */
export function unwritten(): never {
  throw new Error("this model is not written for this peer here");
}

export const MARK = "@bench ";

export const writeAnswer = (answer: Answer): string => `${MARK}${JSON.stringify(answer)}\n`;

/** Null: something else that was printed. */
export const readAnswer = (line: string): Answer | null => (line.startsWith(MARK) ? (JSON.parse(line.slice(MARK.length)) as Answer) : null);

/** The first line, for a table's footnote. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split("\n")[0];
