import { LlrError } from "@llr/tensor";
import type { LogPlace } from "@llr/train";
import { visible } from "../visibleText.ts";

/** A folder that is no comparison, or whose logs are damaged. */
export class ComparisonError extends LlrError {
  /** The folder or file. */
  readonly path: string;
  /** The damage alone, for a message that names the place in its own way. */
  readonly problem: string;
  /** Of a log, from 1; null where the whole file is meant. */
  readonly line: number | null;
  /** Path of the key, such as `config.seed`. */
  readonly key: string | null;

  constructor(path: string, problem: string, { line = null, key = null }: LogPlace = {}, options?: ErrorOptions) {
    super("LLR_COMPARISON", visible(`${path}: ${problem}`), options);
    this.path = path;
    this.problem = visible(problem);
    this.line = line;
    this.key = key;
  }
}
