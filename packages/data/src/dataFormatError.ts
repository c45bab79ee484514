import { LlrError } from "@llr/tensor";

export interface DataFault {
  /** Which file, as its reader was told. */
  readonly file?: string | undefined;
  /** Where, in bytes from the start of the unpacked file. */
  readonly offset?: number | undefined;
  /** The part of the file that was read, for example "the magic number". */
  readonly what: string;
  readonly actual: string;
  readonly expected: string;
  /** The remedy, as a sentence. */
  readonly advice?: string | undefined;
}

/** Data that is not what its format promises. Thrown before anything is built from it; `code` is `LLR_DATA_FORMAT`. */
export class DataFormatError extends LlrError {
  readonly file: string | null;
  readonly offset: number | null;
  readonly expected: string;
  readonly actual: string;

  constructor(op: string, { file, offset, what, actual, expected, advice }: DataFault) {
    const where = file === undefined ? "" : `${file}: `;
    const position = offset === undefined ? "" : ` at byte ${offset}`;
    super("LLR_DATA_FORMAT", `${op}: ${where}${what} is ${actual}${position}, expected ${expected}.${advice ? ` ${advice}` : ""}`);
    this.file = file ?? null;
    this.offset = offset ?? null;
    this.expected = expected;
    this.actual = actual;
  }
}
