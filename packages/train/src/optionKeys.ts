import { ArgumentError } from "@llr/tensor";

/**
 * Refuses names that a function does not take: an option that is ignored in silence is a default that nobody asked for.
 *
 * @param known every option, so that the compiler misses none
 */
export function checkKeys<O extends object>(op: string, options: O, known: Readonly<Record<keyof O, true>>): void {
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(known, key));
  if (unknown !== undefined) throw new ArgumentError(op, `${unknown} is not an option. It knows ${Object.keys(known).join(", ")}.`);
}
