// What the numbers allow to say, in sentences, and no more.
import { type Verdict, VERDICT_WORDS } from "@llr/train";
import type { ArmRun, Comparison } from "./comparison.ts";
import { percent } from "./summary.ts";
import { listed } from "./text.ts";

/** Standard error of an accuracy measured on n images. */
const standardError = (accuracy: number, n: number): number => Math.sqrt((accuracy * (1 - accuracy)) / n);

/**
 * Which arm was best, and which others cannot be told from it: those whose accuracy is within two standard errors of the
 * difference. Arms are tested on the same images, so that this errs on the side of "cannot be told".
 */
export function findings({ manifest, arms }: Comparison): string[] {
  const tested = arms.filter((arm) => arm.status === "finished" && arm.tests.length > 0);
  if (tested.length === 0) return ["No arm finished, so there is nothing to compare.", ...notTrained(arms), ...leftOut(arms)];
  const finished = tested.filter((arm) => arm.verdict !== "neverLearned" && arm.verdict !== "collapsed");
  if (finished.length === 0) return ["No arm learned, so there is nothing to compare.", ...notTrained(arms), ...leftOut(arms)];
  const accuracy = (arm: ArmRun): number => arm.tests.at(-1)!.test.accuracy;
  const best = finished.reduce((a, b) => (accuracy(b) > accuracy(a) ? b : a));
  const n = manifest.config.testImages;
  const margin = 2 * Math.SQRT2 * standardError(accuracy(best), n);
  const close = finished.filter((arm) => arm !== best && accuracy(best) - accuracy(arm) <= margin);
  const sentences = [`${best.label} ended best, with ${percent(accuracy(best))} of the test images right.`];
  if (close.length > 0) sentences.push(`${listed(close.map((a) => a.label))} cannot be told from it: on ${n.toLocaleString("en")} images, differences below ${(100 * margin).toFixed(2)} points are within two standard errors.`);
  sentences.push(...notTrained(arms));
  const stopped = arms.filter((arm) => arm.status === "interrupted" || arm.status === "not started");
  if (stopped.length > 0 && manifest.status !== "running") sentences.push(`The comparison was stopped before ${listed(stopped.map((a) => a.label))} could finish.`);
  sentences.push(...leftOut(arms));
  sentences.push(`It is one seed: another start, or other images, may reverse small differences.${manifest.rateSource === undefined ? "" : ` The rates were found by a small search (${manifest.rateSource.from}).`}`);
  return sentences;
}

/** A sentence for each verdict that says that an arm did not train. */
function notTrained(arms: readonly ArmRun[]): string[] {
  const failed: readonly Verdict[] = ["neverLearned", "collapsed", "diverged", "nonFinite", "tooShort"];
  return failed.flatMap((verdict) => {
    const names = arms.filter((arm) => arm.verdict === verdict).map((arm) => arm.label);
    return names.length === 0 ? [] : [`${listed(names)}: ${VERDICT_WORDS[verdict].label} (${VERDICT_WORDS[verdict].meaning}).`];
  });
}

/** Arms of which there is more, or was. */
function leftOut(arms: readonly ArmRun[]): string[] {
  const running = arms.filter((arm) => arm.status === "running");
  const damaged = arms.filter((arm) => arm.status === "damaged");
  return [
    ...(running.length > 0 ? [`The comparison is under way: ${listed(running.map((a) => a.label))} had not finished when this was written.`] : []),
    ...(damaged.length > 0 ? [`${listed(damaged.map((a) => a.label))} cannot be compared: the logs are damaged.`] : []),
  ];
}
