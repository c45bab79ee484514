// Words and numbers as the report writes them.

/** "A", "A and B", "A, B and C". */
export const listed = (names: readonly string[]): string => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)!}`);

/** 4690 -> "4,690" */
export const grouped = (count: number): string => count.toLocaleString("en");

/** "1 epoch", "4,690 steps" */
export const counted = (count: number, one: string): string => `${grouped(count)} ${one}${count === 1 ? "" : "s"}`;
