// The header of a safetensors file is JSON of one shape: names, each with dtype, shape and place of its numbers. JSON.parse
// would do, but for what an attacker or a broken writer may do with it: names twice (the last would win in silence), 1.5 or
// 1e400 as offsets, arrays 200,000 deep, `__proto__`. A parser for this one shape cannot be asked for anything else.

import { elements } from "./elements.ts";

/** One tensor as its header describes it; nothing is checked yet but that these are whole numbers. */
export interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** First byte and the byte after the last, counted from the end of the header. */
  readonly offsets: readonly number[];
}

export interface Header {
  readonly entries: ReadonlyMap<string, HeaderEntry>;
  readonly metadata: ReadonlyMap<string, string>;
}

const METADATA = "__metadata__";

/**
 * @param text the whole header, blanks at its end included
 * @param fail is told what is wrong and where, and throws
 */
export function parseHeader(text: string, fail: (problem: string) => never): Header {
  const json = new Scanner(text, fail);
  const entries = new Map<string, HeaderEntry>();
  let metadata: ReadonlyMap<string, string> | null = null;
  json.object("the header", (name) => entries.has(name) || (name === METADATA && metadata !== null), (name) => {
    if (name === METADATA) metadata = readMetadata(json);
    else entries.set(name, readEntry(json, name));
  });
  json.end();
  return { entries, metadata: metadata ?? new Map<string, string>() };
}

function readMetadata(json: Scanner): Map<string, string> {
  const metadata = new Map<string, string>();
  json.object(METADATA, (key) => metadata.has(key), (key) => metadata.set(key, json.string()));
  return metadata;
}

function readEntry(json: Scanner, name: string): HeaderEntry {
  let [dtype, shape, offsets]: [string | null, number[] | null, number[] | null] = [null, null, null];
  const isKnown = (key: string): boolean => (key === "dtype" && dtype !== null) || (key === "shape" && shape !== null) || (key === "data_offsets" && offsets !== null);
  json.object(quote(name), isKnown, (key) => {
    if (key === "dtype") dtype = sameText(json.string());
    else if (key === "shape") shape = json.wholeNumbers();
    else if (key === "data_offsets") offsets = json.wholeNumbers();
    else json.fail(`${quote(name)} has the unknown key ${quote(key)}. It has dtype, shape and data_offsets`);
  });
  if (dtype === null || shape === null || offsets === null) return json.fail(`${quote(name)} lacks ${dtype === null ? "dtype" : shape === null ? "shape" : "data_offsets"}`);
  return { dtype, shape, offsets };
}

/** One text for all of the same content, of which a file has a handful. Known ones only: a file must not fill the table. */
const texts = new Map([...elements.keys()].map((name) => [name, name]));
const sameText = (text: string): string => texts.get(text) ?? text;

/** A name for a message: of any content, in quotes, not longer than a line. */
export const quote = (name: string): string => JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);

const BLANKS = " \n\r\t";
const isDigit = (c: string | undefined): boolean => c !== undefined && c >= "0" && c <= "9";

/** Reads JSON from left to right: objects, strings, and lists of whole numbers. */
class Scanner {
  private readonly text: string;
  private readonly report: (problem: string) => never;
  private at = 0;

  constructor(text: string, report: (problem: string) => never) {
    this.text = text;
    this.report = report;
  }

  fail(problem: string): never {
    return this.report(`${problem} (character ${this.at} of the header).`);
  }

  private next(): string | undefined {
    while (this.at < this.text.length && BLANKS.includes(this.text[this.at])) this.at++;
    return this.text[this.at];
  }

  private take(wanted: string): void {
    const found = this.next();
    if (found !== wanted) this.fail(`${found === undefined ? "the header ends" : `there is ${quote(found)}`} where ${quote(wanted)} should stand`);
    this.at++;
  }

  /** Whether the mark stands here; it is passed over. */
  private skip(mark: string): boolean {
    if (this.next() !== mark) return false;
    this.at++;
    return true;
  }

  /** `isKnown` says whether `value` was told of the key before. */
  object(what: string, isKnown: (key: string) => boolean, value: (key: string) => void): void {
    this.take("{");
    if (this.skip("}")) return;
    do {
      const key = this.string();
      if (isKnown(key)) this.fail(`${what} has the key ${quote(key)} twice`);
      this.take(":");
      value(key);
    } while (this.skip(","));
    this.take("}");
  }

  string(): string {
    this.take('"');
    const start = this.at - 1;
    while (this.at < this.text.length && this.text[this.at] !== '"') this.at += this.text[this.at] === "\\" ? 2 : 1;
    this.take('"');
    let content: string;
    try {
      content = JSON.parse(this.text.slice(start, this.at)) as string; // escapes
    } catch {
      return this.fail("a text has a character or an escape that JSON does not have");
    }
    // Half of a surrogate pair is no character: two such names could not be told apart in a file.
    return /\p{Surrogate}/u.test(content) ? this.fail("a text is no valid Unicode") : content;
  }

  wholeNumbers(): number[] {
    const numbers: number[] = [];
    this.take("[");
    if (this.skip("]")) return numbers;
    do numbers.push(this.wholeNumber());
    while (this.skip(","));
    this.take("]");
    return numbers.slice(); // without the room for more numbers that push leaves: 100,000 tensors have 200,000 such lists
  }

  private wholeNumber(): number {
    this.next();
    const start = this.at;
    while (isDigit(this.text[this.at])) this.at++;
    const digits = this.text.slice(start, this.at);
    const rest = this.text[this.at];
    if (digits === "" || (digits.length > 1 && digits.startsWith("0")) || rest === "." || rest === "e" || rest === "E") this.fail("a size or an offset is no whole number >= 0");
    if (digits.length > 16 || !Number.isSafeInteger(Number(digits))) this.fail(`${digits.slice(0, 20)} is larger than any file (2^53)`);
    return Number(digits);
  }

  end(): void {
    const rest = this.next();
    if (rest !== undefined) this.fail(`there is ${quote(rest)} after the end of the header`);
  }
}
