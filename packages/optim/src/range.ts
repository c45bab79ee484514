import { OptionError } from "./errors.ts";

/** The values that a number may take, with the words that an error message uses for them. */
export interface Range {
  readonly needs: string;
  holds(x: number): boolean;
}

export const atLeastZero: Range = { needs: "a finite number >= 0", holds: (x) => x >= 0 && x < Infinity };
export const aboveZero: Range = { needs: "a finite number > 0", holds: (x) => x > 0 && x < Infinity };
/** Of what is clipped: Infinity is no limit. */
export const limitOrNone: Range = { needs: "a number >= 0, or Infinity to measure only", holds: (x) => x >= 0 };
export const belowOne: Range = { needs: "a number in [0, 1)", holds: (x) => x >= 0 && x < 1 };
export const upToOne: Range = { needs: "a number in [0, 1]", holds: (x) => x >= 0 && x <= 1 };
export const atLeastOne: Range = { needs: "a number >= 1", holds: (x) => x >= 1 };
export const wholeSteps: Range = { needs: "a whole number >= 1", holds: (x) => x >= 1 && Number.isSafeInteger(x) };
export const wholeOrZero: Range = { needs: "a whole number >= 0", holds: (x) => x >= 0 && Number.isSafeInteger(x) };

/** @param context  follows the value in the message, such as ` at step 12 in group "head"` */
export function checkRange(where: string, option: string, value: unknown, range: Range, context: string = ""): void {
  if (typeof value === "number" && range.holds(value)) return;
  throw new OptionError(where, option, `${option} is ${show(value)}${context}. It needs ${range.needs}.`);
}

/** Checks each option that `ranges` names. */
export function checkOptions<O extends object>(where: string, options: O, ranges: { readonly [K in keyof O & string]?: Range }): void {
  for (const [option, range] of Object.entries<Range | undefined>(ranges)) checkRange(where, option, options[option as keyof O], range!);
}

/** A value as it can stand in a message: short, with quotes around text, without running user code. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? `an array of ${value.length}` : "an object";
  return typeof value === "function" ? "a function" : String(value);
}
