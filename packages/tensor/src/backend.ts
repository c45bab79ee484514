/** What runs the kernels. */
export interface Backend {
  /** Kernel home: `reference` is plain TypeScript. */
  readonly home: "reference";
  /** How sums are added up and products rounded. */
  readonly arithmetic: string;
  readonly threads: number;
}

/**
 * What really runs, in words for a log: every benchmark and run manifest prints it.
 *
 * @example
 * import { describeBackend } from "@llr/tensor";
 * describeBackend().home // => "reference"
 */
export const describeBackend = (): Backend => ({ home: "reference", arithmetic: "double-precision sums, no fused multiply-add", threads: 1 });
