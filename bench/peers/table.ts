// A comparison as text: a row a task, our time, and each peer's time with the ratio to ours.
import type { Outcome, Row } from "./comparison.ts";

/** Messages by their number, in the order in which they came up. */
export type Footnotes = string[];
export const footnotes = (): Footnotes => [];

const CELL = 19;

/** Three digits: "0.0123", "1.23", "1235". */
export const formatTime = (ms: number): string => (ms >= 1000 ? ms.toFixed(0) : ms.toPrecision(3));

/** "0.53x", "14.2x", "1250x" */
export const formatRatio = (ratio: number): string => `${ratio >= 100 ? ratio.toFixed(0) : ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2)}x`;

function formatOutcome(outcome: Outcome, isOurs: boolean, notes: Footnotes): string {
  if ("error" in outcome) {
    if (!notes.includes(outcome.error)) notes.push(outcome.error);
    return `throws [${notes.indexOf(outcome.error) + 1}]`;
  }
  if (isOurs) return formatTime(outcome.median);
  return `${formatTime(outcome.median)} ${(Number.isNaN(outcome.ratio) ? "-" : formatRatio(outcome.ratio)).padStart(7)}`;
}

export const formatHeader = (labels: readonly string[], width: number): string =>
  [`${"ms; ratio > 1: we are faster".padEnd(width)}`, ...labels.map((label) => label.padStart(CELL))].join("");

export const formatRow = ({ name, outcomes }: Row, width: number, notes: Footnotes): string =>
  [name.padEnd(width), ...outcomes.map((outcome, i) => formatOutcome(outcome, i === 0, notes).padStart(CELL))].join("");

/** The same row with the best sample of each: on a busy machine others' work is least in it. */
export function ofBest({ name, outcomes }: Row): Row {
  const [ours] = outcomes;
  const base = "error" in ours ? NaN : ours.best;
  return { name, outcomes: outcomes.map((o) => ("error" in o ? o : { ...o, median: o.best, ratio: o.best / base })) };
}

export const formatFootnotes = (notes: Footnotes): string => notes.map((message, i) => `[${i + 1}] throws: ${message}`).join("\n");
