import { LlrError } from "@llr/tensor";

/** A file that is not a sound safetensors file. Thrown before any tensor of it is built; `code` is `LLR_SAFETENSORS`. */
export class SafetensorsError extends LlrError {
  /** Which file, as its reader was told. */
  readonly file: string | null;

  constructor(problem: string, file?: string | undefined) {
    super("LLR_SAFETENSORS", `safetensors: ${file === undefined ? "" : `${file}: `}${problem}`);
    this.file = file ?? null;
  }
}
