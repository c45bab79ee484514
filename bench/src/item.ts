import type { Pattern } from "./machine/stream.ts";
import type { Figure } from "./memory.ts";

/** What a second of an item is counted in, and which limit of the machine it is compared with. */
export type Work =
  | { readonly unit: "GFLOP/s"; readonly amount: number }
  | { readonly unit: "GB/s"; readonly amount: number; readonly like: Pattern; readonly elements: number };

export const flops = (amount: number): Work => ({ unit: "GFLOP/s", amount });

/** @param arrays how many arrays of `elements` numbers are read or written */
export const traffic = (arrays: number, like: Pattern, elements: number): Work => ({ unit: "GB/s", amount: 4 * arrays * elements, like, elements });

/** Something to time. */
export interface Item {
  readonly name: string;
  /**
   * Makes what is timed, when its turn comes: its memory is free again before the next. The function does the work once; its
   * result is consumed, so that the work cannot be optimised away, and tested to be finite.
   */
  readonly make: () => () => number;
  /** Absent: only the time is shown. */
  readonly work?: Work;
}

/** Two or more items whose ratio matters: they take turns, so that a drift of the machine's speed hits all alike. */
export interface Race {
  readonly name: string;
  /** The first is the base of the ratios. */
  readonly items: readonly Item[];
}

export interface Suite {
  readonly items: readonly Item[];
  readonly races: readonly Race[];
  /** What is counted instead of timed; `quick`: over fewer steps. */
  readonly count?: (quick: boolean) => readonly Figure[];
}
