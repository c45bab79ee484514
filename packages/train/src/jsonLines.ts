// Logs are files of one JSON document a line: readable while they grow, and a crash costs at most the last line.

/**
 * One JSON document on one line. JSON has no NaN and no infinities: they are written as strings, so that nothing becomes
 * null on the way.
 */
export function jsonLine(record: object): string {
  return `${JSON.stringify(record, (_, value: unknown) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value))}\n`;
}

/**
 * Reads what {@link jsonLine} wrote. A last line without its end was cut by a crash and is left out.
 *
 * @throws SyntaxError, naming the line, if another line is no JSON
 * @example
 * import { jsonLine, readJsonLines } from "@llr/train";
 * const text = jsonLine({ step: 1, loss: 2.5 }) + jsonLine({ step: 2, loss: NaN }) + '{"step":3,"lo';
 * readJsonLines(text) // => [{ step: 1, loss: 2.5 }, { step: 2, loss: NaN }]
 */
export function readJsonLines(text: string): unknown[] {
  const lines = text.split("\n").slice(0, -1); // what stands behind the last line end is a cut line, or nothing
  return lines.map((line, i) => {
    try {
      return JSON.parse(line, revive) as unknown;
    } catch (error) {
      throw new SyntaxError(`line ${i + 1} is no JSON (${(error as Error).message}): ${line.slice(0, 80)}`, { cause: error });
    }
  });
}

const revive = (_: string, value: unknown): unknown => (value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : value);
