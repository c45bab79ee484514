// metrics.jsonl and times.jsonl of an arm: a line a step or evaluation.
import * as z from "zod";
import { logLines, type StepMetrics, type TestMetrics } from "@llr/train";
import { atLeastZero, checked, count, duration, flag, needs, number, share } from "./check.ts";

const stepLine: z.ZodType<StepMetrics> = z.strictObject({
  step: count, epoch: atLeastZero, loss: number, accuracy: share.exactOptional(), lr: number, momentum: number.exactOptional(), gradNorm: number, clipped: flag.exactOptional(),
});
const testLine: z.ZodType<TestMetrics> = z.strictObject({ step: count, epoch: atLeastZero, test: z.strictObject({ loss: number, accuracy: share, count }) });
/** Wall time of a step or an evaluation. */
export interface TimeLine {
  readonly step: number;
  readonly what: "step" | "test";
  readonly ms: number;
}
const timeLine: z.ZodType<TimeLine> = z.strictObject({ step: count, what: z.enum(["step", "test"], needs("step or test")), ms: duration });

/** What a log holds, and whether a line was being written when its process ended. */
export interface Log<L> {
  readonly lines: readonly L[];
  readonly isCut: boolean;
}

function readLog<L>(path: string, text: string, schemaOf: (line: string) => z.ZodType<L>): Log<L> {
  const { lines, incomplete } = logLines(text);
  return { lines: lines.map((line, i) => checked(schemaOf(line), line, path, i + 1)), isCut: incomplete !== null };
}

/** @throws ComparisonError, with line and key, for a line that is neither a step nor an evaluation */
export const readMetrics = (path: string, text: string): Log<StepMetrics | TestMetrics> => readLog<StepMetrics | TestMetrics>(path, text, (line) => (line.includes('"test":') ? testLine : stepLine));

/** @throws ComparisonError, with line and key, for a line that holds no time */
export const readTimes = (path: string, text: string): Log<TimeLine> => readLog(path, text, () => timeLine);
