import { ArgumentError } from "./errors.ts";
import { describe } from "./format.ts";

/**
 * The options of a public function, to be taken apart: without a compiler nothing else tells that they are missing, and the
 * engine's own error names neither the function nor the remedy.
 *
 * @throws ArgumentError for anything but an object, such as a number that was meant for one of the options
 */
export function optionsOf<O extends object>(op: string, options: O): O {
  if (typeof options !== "object" || options === null || Array.isArray(options)) throw new ArgumentError(op, `its options are ${describe(options)}. It needs an object that names them, such as { name: value }.`);
  return options;
}

/** @throws ArgumentError unless it is an array */
export function checkList(op: string, name: string, value: unknown): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) throw new ArgumentError(op, `${name}: ${describe(value)}. It needs an array.`);
}
