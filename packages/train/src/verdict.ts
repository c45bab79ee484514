/** Every verdict on a training, by its training loss; from the best to the worst, and last the one that says nothing. */
export const VERDICTS = ["stable", "spike", "neverLearned", "collapsed", "diverged", "nonFinite", "tooShort"] as const;
export type Verdict = (typeof VERDICTS)[number];

/**
 * The verdicts in words, for tables and legends. These sentences are their definition; the arithmetic is with
 * `divergenceDetector`. To know nothing is to have the loss of the class prior, which gives every image the same answer, the
 * classes' shares (`labelEntropy`).
 *
 * @example
 * import { VERDICT_WORDS, VERDICTS } from "@llr/train";
 * VERDICTS.filter((verdict) => /knows nothing/.test(VERDICT_WORDS[verdict].meaning)) // => ["neverLearned", "collapsed"]
 * VERDICT_WORDS.neverLearned.label // => "never learned"
 */
export const VERDICT_WORDS: Readonly<Record<Verdict, { readonly label: string; readonly meaning: string }>> = {
  stable: { label: "stable", meaning: "none of the others" },
  spike: { label: "spike", meaning: "the loss rose above four times its best, and ended below that or below where it began" },
  neverLearned: { label: "never learned", meaning: "the loss was at no time 2 % below that of a model that knows nothing, or gradients are all 0 and it never fell" },
  collapsed: { label: "collapsed", meaning: "the loss fell, and ended where that of a model that knows nothing is, or with gradients that are all 0" },
  diverged: { label: "diverged", meaning: "the loss ended above four times its best and above where it began" },
  nonFinite: { label: "not finite", meaning: "a loss, a gradient or a weight was NaN or infinite" },
  tooShort: { label: "too short", meaning: "too few steps to judge" },
};
