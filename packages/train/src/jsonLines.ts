// Logs are files of one JSON document a line: readable while they grow, and a crash costs at most the last line.
import { parseJson } from "./parseJson.ts";

/** JSON has no NaN and no infinities: they are written as strings, so that nothing becomes null on the way. */
const NOT_FINITE = ["NaN", "Infinity", "-Infinity"] as const;
export type NotFinite = (typeof NOT_FINITE)[number];

const say = (_: string, value: unknown): unknown => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value);

/** One JSON document on one line. Numbers that are not finite are the strings "NaN", "Infinity" and "-Infinity". */
export function jsonLine(record: object): string {
  return `${JSON.stringify(record, say)}\n`;
}

/**
 * The same document as {@link jsonLine}, indented, for a file of its own that people read: `run.json`.
 *
 * @example
 * import { jsonText } from "@llr/train";
 * jsonText({ trainLoss: NaN }) // => '{\n  "trainLoss": "NaN"\n}\n'
 */
export function jsonText(record: object): string {
  return `${JSON.stringify(record, say, 2)}\n`;
}

/** The number that {@link jsonLine} wrote; undefined if it wrote none there. A number too large for JSON's reader (1e999) is none. */
export function numberIn(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return NOT_FINITE.includes(value as NotFinite) ? Number(value) : undefined;
}

export interface LogLines {
  /** Whole lines, without their ends. */
  readonly lines: readonly string[];
  /** What stands behind the last line end: a line that was being written when its process ended. Null if nothing does. */
  readonly incomplete: string | null;
}

/** The lines of a log. */
export function logLines(text: string): LogLines {
  const lines = text.split("\n");
  const rest = lines.pop()!;
  return { lines, incomplete: rest === "" ? null : rest };
}

/**
 * Reads what {@link jsonLine} wrote. A last line without its end was cut by a crash and is left out; {@link logLines} tells.
 *
 * @throws LogError, naming the line, if another line is no JSON, or has a key twice
 * @example
 * import { jsonLine, readJsonLines } from "@llr/train";
 * const text = jsonLine({ step: 1, loss: 2.5 }) + jsonLine({ step: 2, loss: NaN }) + '{"step":3,"lo';
 * readJsonLines(text) // => [{ step: 1, loss: 2.5 }, { step: 2, loss: NaN }]
 * readJsonLines('{"step":1}\n{"step":\n') // throws line 2 is no JSON
 */
export function readJsonLines(text: string): unknown[] {
  return logLines(text).lines.map((line, i) => {
    const value = parseJson(line, { line: i + 1 });
    return NOT_FINITE.some((name) => line.includes(`"${name}"`)) ? revive(value) : value;
  });
}

/** Recursive, which the depth that parseJson allows cannot hurt. */
function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revive(inner)]));
  return typeof value === "string" ? (numberIn(value) ?? value) : value;
}
