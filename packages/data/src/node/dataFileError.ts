import { LlrError } from "@llr/tensor";

/** A file or folder that cannot be read at all; `code` is `LLR_DATA_FILE`, `cause` the system's error where there is one. */
export class DataFileError extends LlrError {
  readonly file: string;

  constructor(op: string, file: string, problem: string, options?: ErrorOptions) {
    super("LLR_DATA_FILE", `${op}: ${file} ${problem}`, options);
    this.file = file;
  }

  /** Says what the system's error means for a file or folder of this kind. */
  static from(op: string, file: string, cause: unknown, advice = ""): DataFileError {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const problem = new Map([
      ["ENOENT", "does not exist."],
      ["EACCES", "may not be read: permission denied."],
      ["ENOTDIR", "is not a folder, or lies in something that is not one."],
    ]).get(code) ?? `cannot be read (${code}).`;
    return new DataFileError(op, file, `${problem}${advice && ` ${advice}`}`, { cause });
  }
}
