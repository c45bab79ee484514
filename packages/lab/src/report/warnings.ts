// What a reader of the numbers must know before believing them, in sentences.
import { describeRateWarning } from "@llr/train";
import { rateSourceWarning } from "../rateSource.ts";
import type { Comparison } from "./comparison.ts";

/** Of the whole comparison first, then of each arm. */
export function warningsOf({ manifest, arms, isAbandoned }: Comparison): string[] {
  const { rateSource, config } = manifest;
  const elsewhere = rateSource === undefined ? null : rateSourceWarning(rateSource, config);
  const ofArms = arms.flatMap(({ label, warnings }) => warnings.map((warning) => `${label}: ${describeRateWarning(warning)}`));
  const ended = isAbandoned ? ["The process of the comparison ended before its arms had: it was killed, or the machine stopped. What had been logged by then is reported."] : [];
  return [...ended, ...(elsewhere === null ? [] : [elsewhere]), ...ofArms];
}
