/**
 * Names a schedule (or layer scale) by the call that made it, such as `linear({ start: 0, end: 0.4, steps: 10 })`: that is
 * what `describeGroups`, the console and a debugger then show in place of a nameless function.
 *
 * @param part  what follows the call, for one function of several: `.lr`
 */
export function named<F extends (...args: never[]) => number>(maker: string, args: readonly unknown[], made: F, part: string = ""): F {
  return Object.defineProperty(made, "name", { value: `${maker}(${args.map(asCode).join(", ")})${part}` });
}

function asCode(value: unknown): string {
  if (typeof value === "function") return value.name === "" ? "(t) => …" : value.name;
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  if (Array.isArray(value)) return `[${value.map(asCode).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? String(value);
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  return entries.length === 0 ? "{}" : `{ ${entries.map(([key, v]) => `${key}: ${asCode(v)}`).join(", ")} }`;
}

/** The names of those options that are functions. One that was written in place has the option's own name, or none: that says nothing. */
export function namesOfFunctions(options: readonly (readonly [option: string, value: unknown])[]): Record<string, string> {
  const named = options.flatMap(([option, value]) => (typeof value === "function" ? [[option, value.name === "" || value.name === option ? "a function" : value.name]] : []));
  return Object.fromEntries(named);
}
