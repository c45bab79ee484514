import type { Comparison } from "../comparison.ts";

/** A part of the report under a heading of its own. Another one is a file here and a line in page.ts. */
export interface Section {
  readonly id: string;
  readonly heading: string;
  /** In the list of sections at the top. */
  readonly short: string;
  /** HTML; null where there is nothing to say, and the section is left out. */
  body(comparison: Comparison): string | null;
}
