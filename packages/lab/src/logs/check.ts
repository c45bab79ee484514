// From a text to checked data: JSON without tricks, then a schema, then one sentence about the first thing that is wrong.
import * as z from "zod";
import { LogError, type LogPlace, numberIn, parseJson, quoteValue } from "@llr/train";
import { ComparisonError } from "../report/comparisonError.ts";

/** The words of a schema for "KEY is VALUE. It needs ...". */
export const needs = (error: string): { readonly error: string } => ({ error });

export const text: z.ZodString = z.string(needs("a text"));
export const count: z.ZodInt = z.int(needs("a whole number > 0")).min(1, needs("a whole number > 0"));
export const atLeastZero: z.ZodInt = z.int(needs("a whole number >= 0")).min(0, needs("a whole number >= 0"));
export const share: z.ZodNumber = z.number(needs("a number from 0 to 1")).min(0, needs("a number from 0 to 1")).max(1, needs("a number from 0 to 1"));
export const rate: z.ZodNumber = z.number(needs("a number > 0")).gt(0, needs("a number > 0"));
export const duration: z.ZodNumber = z.number(needs("milliseconds >= 0")).min(0, needs("milliseconds >= 0"));
export const flag: z.ZodBoolean = z.boolean(needs("true or false"));
/** Any number, also one that is not finite, in the form in which `jsonLine` writes it. */
export const number: z.ZodType<number> = z.unknown().transform((value, context) => {
  const read = numberIn(value);
  if (read !== undefined) return read;
  context.issues.push({ code: "custom", message: 'a number, or "NaN", "Infinity" or "-Infinity"', input: value });
  return z.NEVER;
});

/**
 * @param line of a log; none for a file that is one document
 * @returns the document in the text, as the schema makes it
 * @throws ComparisonError with the line and the key if the text is no JSON, or the document is not as the schema wants it
 */
export function checked<T>(schema: z.ZodType<T>, text: string, path: string, line: number | null = null): T {
  let document: unknown;
  try {
    document = parseJson(text, { line });
  } catch (error) {
    throw logProblem(path, error);
  }
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damage(path, describe(issue, document), { line, key: keyPath(issue.path) });
}

/** What @llr/train says of a log, with the file's name. */
export function logProblem(path: string, error: unknown): unknown {
  if (!(error instanceof LogError)) return error;
  const { line, key, message } = error;
  return new ComparisonError(path, / (is no JSON|is nested|has the key)/.test(message) ? `it cannot be read: ${message}.` : message, { line, key }, { cause: error });
}

export function damage(path: string, problem: string, place: LogPlace = {}): ComparisonError {
  return new ComparisonError(path, `${place.line ? `line ${place.line}: ` : ""}${problem}`, place);
}

function describe(issue: z.core.$ZodIssue, document: unknown): string {
  const key = keyPath(issue.path);
  if (issue.code === "unrecognized_keys") return `${key ?? "it"} has the unknown key ${quoteValue(issue.keys[0])}. It was written by another version of llr, or changed.`;
  const value = issue.path.reduce<unknown>((at, part) => (typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined), document);
  const what = issue.code === "invalid_type" && issue.expected === "object" ? "an object" : issue.code === "invalid_type" && issue.expected === "array" ? "a list" : issue.message;
  return `${key ?? "it"} is ${quoteValue(value)}. It needs ${what}.`;
}

/** config.arms[0] */
function keyPath(path: readonly PropertyKey[]): string | null {
  if (path.length === 0) return null;
  return path.map((part, i) => (typeof part === "number" ? `[${part}]` : `${i === 0 ? "" : "."}${String(part)}`)).join("");
}
