/** mean ← kept·mean + added·(x − lean·mean): see {@link meanScalars}. */
export const MEAN_COLUMNS: readonly string[] = ["meanKept", "meanAdded", "meanLean"];

/**
 * `mean ← beta·mean + (1 − beta)·x` in single precision. For a long memory it is written as `mean + (1 − beta)·(x − mean)`: there
 * beta and 1 − beta, rounded each for itself, would not add up to 1, and the mean would drift by 6e-8/(1 − beta). For a short
 * one that form cancels.
 */
export function meanScalars(beta: number, prefix: string = "mean"): Record<string, number> {
  const isLong = beta >= 0.5;
  return { [`${prefix}Kept`]: isLong ? 1 : beta, [`${prefix}Added`]: 1 - beta, [`${prefix}Lean`]: isLong ? 1 : 0 };
}

export const meanSource = (mean: string, x: string, own: (scalar: string) => string, prefix: string = "mean"): string =>
  `${own(`${prefix}Kept`)} * ${mean} + ${own(`${prefix}Added`)} * (${x} - ${own(`${prefix}Lean`)} * ${mean})`;
