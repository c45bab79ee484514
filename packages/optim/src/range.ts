import { OptionError } from "./errors.ts";
import { checkKeys, givenOf } from "./optionKeys.ts";
import { show } from "./show.ts";

export { show };

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

/** Of an option that is no number, or not always one. */
export interface Kind {
  readonly needs: string;
  fits(value: unknown): boolean;
}

/** One of these values. */
export function oneOf(...choices: readonly (string | number | boolean)[]): Kind {
  const shown = choices.map(show);
  const last = shown.pop();
  return { needs: `${shown.join(", ")} or ${last}`, fits: (value) => choices.includes(value as string) };
}

export const hyper: Kind = { needs: "a finite number or a schedule", fits: (value) => typeof value === "function" || Number.isFinite(value) };

/** Checked elsewhere. */
export const anything: Kind = { needs: "", fits: () => true };

/** @param context  follows the value in the message, such as ` at step 12 in group "head"` */
export function checkRange(where: string, option: string, value: unknown, range: Range | Kind, context: string = ""): void {
  if ("fits" in range ? range.fits(value) : typeof value === "number" && range.holds(value)) return;
  throw new OptionError(where, option, `${option} is ${show(value)}${context}. It needs ${range.needs}.${schedulesIn(option, value)}`);
}

/** For a cycle that was given where one of its schedules belongs. */
function schedulesIn(option: string, value: unknown): string {
  if (typeof value !== "object" || value === null) return "";
  const names = Object.entries(value).flatMap(([name, schedule]) => (typeof schedule === "function" && schedule.name.endsWith(`.${name}`) ? [name] : []));
  if (names.length === 0) return "";
  return ` The object has the schedules ${names.join(" and ")}: give it as .${names.includes(option) ? option : names[0]}.`;
}

/** Checks each option that `ranges` names. */
export function checkOptions<O extends object>(where: string, options: O, ranges: { readonly [K in keyof O & string]?: Range | Kind }): void {
  for (const [option, range] of Object.entries<Range | Kind | undefined>(ranges)) checkRange(where, option, options[option as keyof O], range!);
}

/** Options with nothing left open: of known names only, with the defaults of those that are not given, each in its range. */
export function readOptions<O extends object, D extends { readonly [K in keyof O]?: O[K] }>(
  where: string,
  options: O,
  ranges: { readonly [K in keyof Required<O>]: Range | Kind },
  defaults: D,
): { readonly [K in keyof O]-?: Exclude<O[K], undefined> } {
  checkKeys(where, options, Object.keys(ranges));
  const complete = { ...defaults, ...givenOf(options) };
  checkOptions(where, complete, ranges as never);
  return complete as never;
}
