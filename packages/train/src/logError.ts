import { LlrError } from "@llr/tensor";

/** Where in a log the damage is. */
export interface LogPlace {
  /** From 1; null where the whole file is meant. */
  readonly line?: number | null;
  /** Path of the key, such as `parameters.fc1.weight.rate[7]`. */
  readonly key?: string | null;
}

/** A log that does not hold what its writer writes: it was cut, changed, or is another file. */
export class LogError extends LlrError {
  readonly line: number | null;
  readonly key: string | null;

  constructor(message: string, { line = null, key = null }: LogPlace = {}, options?: ErrorOptions) {
    super("LLR_LOG", message, options);
    this.line = line;
    this.key = key;
  }
}

/** A value for a message: one line, not longer than a few words, with no control character in it. */
export function quoteValue(value: unknown): string {
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return JSON.stringify(typeof value === "string" && value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
