// Fuzzers are tests in files NAME.fuzz.test.ts: a short form runs with every `npm test`, a long one by `npm run fuzz`.

/** Cases to try: `short` in `npm test`, `long` in `npm run fuzz`. Draw them from a seeded generator (LLR_SEED, as property tests do). */
export const cases = (short: number, long: number): number => (process.env["LLR_FUZZ"] === "long" ? long : short);

/** The seed of a fuzzer's own generator; `npm run fuzz` prints it, LLR_SEED=n repeats a run. */
export const FUZZ_SEED: number = fuzzSeed(process.env["LLR_SEED"] ?? "1");

function fuzzSeed(wish: string): number {
  return wish === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(wish);
}
