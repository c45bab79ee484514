// What a sweep over rates says: mean accuracy of each arm at each rate, and the best.
import { type Verdict, VERDICT_WORDS } from "@llr/train";
import { csv } from "../report/csv.ts";
import { textTable } from "../textTable.ts";

export interface Trial {
  readonly arm: string;
  readonly label: string;
  /** Multiple of the arm's rate. */
  readonly factor: number;
  /** The largest rate of its schedule. */
  readonly lr: number;
  readonly seed: number;
}

export interface TrialResult extends Trial {
  /** On the images set aside, 0 to 1; null if the training broke off. */
  readonly accuracy: number | null;
  readonly loss: number | null;
  readonly verdict: string;
}

/** A training that broke off knows nothing: it counts as guessing one of ten classes. */
const CHANCE = 0.1;

interface Mean {
  readonly arm: string;
  readonly label: string;
  readonly factor: number;
  readonly lr: number;
  readonly accuracy: number;
  /** Seeds that did not end stable. */
  readonly unstable: number;
  /** One a seed. */
  readonly verdicts: readonly string[];
}

function meansOf(results: readonly TrialResult[]): Mean[][] {
  const arms = Map.groupBy(results, (r) => r.arm);
  return [...arms.values()].map((ofArm) =>
    [...Map.groupBy(ofArm, (r) => r.factor).values()].map((seeds) => ({
      arm: seeds[0].arm, label: seeds[0].label, factor: seeds[0].factor, lr: seeds[0].lr,
      accuracy: seeds.reduce((total, r) => total + (r.accuracy ?? CHANCE), 0) / seeds.length,
      unstable: seeds.filter((r) => r.verdict !== "stable").length,
      verdicts: seeds.map((r) => r.verdict),
    })));
}

export interface BestFactor extends Mean {
  /** The best rate stands at the end of the range, so that a better one may lie beyond. */
  readonly edge: "smallest" | "largest" | null;
}

/** An accuracy of guessing is no sign of a good rate, be it the largest. */
const learnedNothing = ({ verdicts }: Pick<Mean, "verdicts">): boolean => verdicts.every((verdict) => verdict === "neverLearned" || verdict === "collapsed" || verdict === "nonFinite");

/** The rate of each arm with the largest mean accuracy; of equal ones the smallest. */
export function bestFactors(results: readonly TrialResult[]): BestFactor[] {
  return meansOf(results).map((means) => {
    const best = means.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
    const edge = means.length < 2 || learnedNothing(best) ? null : best === means[0] ? "smallest" : best === means.at(-1) ? "largest" : null;
    return { ...best, edge };
  });
}

/** Arms down, multiples across; the best is marked, and so are rates at which a seed was not stable. */
export function formatSweep(results: readonly TrialResult[]): string {
  if (results.length === 0) return "no training finished";
  const factors = [...new Set(results.map((r) => r.factor))].sort((a, b) => a - b);
  const best = bestFactors(results);
  const rows = meansOf(results).map((means, i) => [
    means[0].label,
    ...factors.map((factor) => {
      const mean = means.find((m) => m.factor === factor);
      return mean === undefined ? "-" : `${(100 * mean.accuracy).toFixed(2)}${mean.unstable > 0 ? "!" : ""}${factor === best[i].factor && !learnedNothing(mean) ? "*" : ""}`;
    }),
    learnedNothing(best[i]) ? "none learned" : String(best[i].lr),
  ]);
  const notes = meansOf(results).flat().filter((mean) => mean.unstable > 0).map(({ label, factor, verdicts }) => `! ${label} x ${factor}: ${countedVerdicts(verdicts)}`);
  return [...textTable([["arm", ...factors.map((f) => `x ${f}`), "best rate"], ...rows]), "", `mean accuracy over the seeds, in percent; * best${notes.length > 0 ? ", ! not every seed ended stable:" : ""}`, ...notes].join("\n");
}

/** "2 collapsed, 1 stable" */
function countedVerdicts(verdicts: readonly string[]): string {
  return [...Map.groupBy(verdicts, (verdict) => verdict)].map(([verdict, seeds]) => `${seeds.length} ${labelOf(verdict)}`).join(", ");
}

const labelOf = (verdict: string): string => (Object.hasOwn(VERDICT_WORDS, verdict) ? VERDICT_WORDS[verdict as Verdict].label : verdict);

/** One line a training. */
export function sweepCsv(results: readonly TrialResult[]): string {
  const rows = results.map(({ arm, factor, lr, seed, accuracy, loss, verdict }) => [arm, factor, lr, seed, accuracy, loss, verdict]);
  return csv([["arm", "factor", "lr", "seed", "accuracy", "loss", "verdict"], ...rows]);
}
