/** Something to time. */
export interface Item {
  readonly name: string;
  /** Does the work once. The result is consumed, so that the work cannot be optimised away, and tested to be finite. */
  readonly run: () => number;
  /** What a second of it is counted in; absent: only the time is shown. */
  readonly work?: { readonly amount: number; readonly unit: "GFLOP/s" | "GB/s" };
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
}
