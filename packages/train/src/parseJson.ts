// JSON.parse takes what no writer of ours writes: of a key that stands twice the last in silence, `__proto__`, lists a million
// deep, on which every recursive reader ends. A log that holds such is damaged or was made to do harm.
import { LogError, type LogPlace, quoteValue } from "./logError.ts";

/** Logs have lists in objects in objects; nothing of ours comes near. */
const DEEPEST = 32;

/**
 * Reads one JSON document as `jsonLine` and `jsonText` write it. Numbers that are not finite stay the strings "NaN",
 * "Infinity" and "-Infinity" that they are in the file: a label may be one of them, too.
 *
 * @param place in the log, which the message and the error name
 * @throws LogError for what is no JSON, has a key twice, or a key `__proto__`, or is nested more than 32 deep
 * @example
 * import { parseJson } from "@llr/train";
 * parseJson('{"seed": 1}') // => { seed: 1 }
 * parseJson('{"seed": 1, "seed": 2}') // throws has the key "seed" twice
 */
export function parseJson(text: string, place: LogPlace = {}): unknown {
  const fail = (problem: string, key: string | null = null, options?: ErrorOptions): never => {
    throw new LogError(`${place.line ? `line ${place.line}` : "it"} ${problem}`, { ...place, key }, options);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    fail(`is no JSON (${(error as Error).message})`, null, { cause: error });
  }
  // Every key has its colon. Where there are no more colons than different keys, no key stands twice; else a text holds one.
  if (countKeys(value, fail) !== count(text, ":")) refuseDoubleKeys(text, fail);
  return value;
}

type Fail = (problem: string, key?: string) => never;

/** Keys of all objects in a value, whatever their depth. */
function countKeys(document: unknown, fail: Fail): number {
  let keys = 0;
  let level: unknown[] = [document];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) fail(`is nested more than ${DEEPEST} deep`);
    const inner: unknown[] = [];
    for (const value of level) {
      if (typeof value !== "object" || value === null) continue;
      let children = value as unknown[];
      if (!Array.isArray(value)) {
        if (Object.hasOwn(value, "__proto__")) fail('has the key "__proto__"', "__proto__");
        children = Object.values(value);
        keys += children.length;
      }
      // By index: most of a log are numbers in long lists, and an iterator costs as much as reading them did.
      for (let i = 0; i < children.length; i++) if (typeof children[i] === "object" && children[i] !== null) inner.push(children[i]);
    }
    level = inner;
  }
  return keys;
}

function count(text: string, mark: string): number {
  let found = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) found++;
  return found;
}

/** @param text is valid JSON, so that only strings and braces have to be told apart */
function refuseDoubleKeys(text: string, fail: Fail): void {
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "{") open.push(new Set());
    else if (text[at] === "}") open.pop();
    else if (text[at] === '"') {
      const start = at;
      for (at++; text[at] !== '"'; at++) if (text[at] === "\\") at++;
      let next = at + 1;
      while (" \n\r\t".includes(text[next] ?? "x")) next++;
      if (text[next] !== ":") continue;
      const key = JSON.parse(text.slice(start, at + 1)) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) fail(`has the key ${quoteValue(key)} twice in one object`, key);
      keys.add(key);
    }
  }
}
