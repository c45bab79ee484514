import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { ComparisonError } from "../report/comparisonError.ts";

/** A manifest has some kilobytes. */
export const MANIFEST_BYTES: number = 4 * 2 ** 20;
/** A log of 4,690 steps of LeNet-5 has 8 MB. A string holds little more than this. */
export const LOG_BYTES: number = 500 * 2 ** 20;

/**
 * The text of a file; null if there is none.
 *
 * @param most bytes that it may have
 * @throws ComparisonError for a folder, pipe or device, a larger file, bytes that are no UTF-8, and one that cannot be read
 */
export function readText(path: string, most: number): string | null {
  try {
    const file = statSync(path, { throwIfNoEntry: false });
    if (file === undefined) return null;
    if (!file.isFile()) throw new ComparisonError(path, "it is no regular file. It needs the file that llr wrote.");
    if (file.size > most) throw new ComparisonError(path, `it has ${file.size} bytes. A log of this kind has at most ${most}.`);
    const bytes = readFileSync(path);
    // Decoding alone would put U+FFFD for what it cannot read, and say nothing.
    if (!isUtf8(bytes)) throw new ComparisonError(path, "it has bytes that are no UTF-8, so that it is no text. It was changed after llr wrote it.");
    return bytes.toString("utf8");
  } catch (error) {
    if (error instanceof ComparisonError) throw error;
    throw new ComparisonError(path, `it cannot be read (${(error as Error).message}).`, {}, { cause: error });
  }
}
