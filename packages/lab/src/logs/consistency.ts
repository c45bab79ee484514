// What the files of an arm say of each other. Each may be well-formed, and still be of another run, or not whole.
import { divergenceDetector, type FitResult, quoteValue } from "@llr/train";
import { damage } from "./check.ts";
import type { ArmInfo, CompareManifest } from "./compareFile.ts";
import type { Logs } from "./readArm.ts";
import type { RunConfig, RunFile } from "./runFile.ts";

type Path = (file: string) => string;

/** Refuses run.json of another arm, seed or setting: folders that were exchanged, or two comparisons in one folder. */
export function refuseOtherRun(path: string, { arm, config }: RunFile, manifest: CompareManifest, info: ArmInfo, lr: number): void {
  const { model, epochs, batchSize, seed, steps, testEvery, images, testImages } = manifest.config;
  const wanted: Readonly<Record<string, unknown>> = { arm: info.name, seed, steps, lr, model, epochs, batchSize, testEvery, ...(config.images !== undefined && { images }), ...(config.testImages !== undefined && { testImages }) };
  const own = config as unknown as Readonly<Record<string, unknown>>;
  const key = Object.keys(wanted).find((name) => own[name] !== wanted[name]);
  if (key !== undefined) throw damage(path, `config.${key} is ${quoteValue(own[key])}, compare.json says ${quoteValue(wanted[key])}: it is the run of another arm, seed or setting. Put the run of ${info.name} with seed ${seed} back.`, { key: `config.${key}` });
  const { lr: largest, ...settings } = arm.settings;
  const said = JSON.stringify([arm.name, arm.label, arm.description, largest, settings]);
  if (said !== JSON.stringify([info.name, info.label, info.description, lr, info.settings])) throw damage(path, "arm differs from what compare.json says of it. One of the two was changed.", { key: "arm" });
}

/** Refuses logs that were changed after the run's end: a digit that became another tells itself in no other way. */
export function refuseOtherBytes(path: Path, { logs }: RunFile, read: Readonly<Record<string, string>>): void {
  for (const [file, noted] of Object.entries(logs ?? {}))
    if (read[file] !== noted) throw damage(path(file), `its SHA-256 is ${read[file]}, run.json says ${noted}: it was changed after the run had ended. Put the original back.`);
}

/** Refuses logs in which a step is missing or stands twice: a run that is stopped or killed leaves neither. */
export function refuseGaps(path: Path, config: RunConfig, { metrics, times, layers }: Logs): void {
  const [metricsPath, timesPath] = [path("metrics.jsonl"), path("times.jsonl")];
  const at = { step: 0, test: 0 };
  metrics.lines.forEach((line, i) => {
    refuseStep(metricsPath, i + 1, "test" in line ? "test" : "step", line.step, at);
    if (line.step > config.steps) throw damage(metricsPath, `step is ${line.step}, the run has ${config.steps}.`, { line: i + 1, key: "step" });
    if (line.epoch > config.epochs) throw damage(metricsPath, `epoch is ${line.epoch}, the run has ${config.epochs}.`, { line: i + 1, key: "epoch" });
  });
  const timed = { step: 0, test: 0 };
  times.lines.forEach(({ step, what }, i) => refuseStep(timesPath, i + 1, what, step, timed));
  const gap = layers.steps.findIndex((step, i) => step !== i + 1);
  if (gap >= 0) throw damage(path("layers.jsonl"), `step ${layers.steps[gap]} follows step ${gap}. Steps rise by one.`, { key: "steps" });
  // A step's layers and time are written before its metrics: a process that is killed leaves at most one more of them.
  for (const [file, count] of [["layers.jsonl", layers.steps.length], ["times.jsonl", timed.step]] as const)
    if (count > at.step + 1 && !metrics.isCut) throw damage(metricsPath, `it has ${at.step} steps, ${file} ${count}. Lines are missing.`);
}

/** Refuses a step with fewer or more quantities than the first, and layers whose rates are those of another run. */
export function refuseOtherSteps(path: Path, { steps, layers }: Logs): void {
  const quantities = Object.keys(steps[0] ?? {}).length;
  const odd = steps.find((step) => Object.keys(step).length !== quantities);
  if (odd) throw damage(path("metrics.jsonl"), `step ${odd.step} has ${Object.keys(odd).join(", ")}, while step 1 has ${Object.keys(steps[0]).join(", ")}.`);
  // The rate in the metrics is that of the first parameter.
  const scheduled = layers.columns.get(layers.parameters[0]?.name)?.lr ?? [];
  const other = steps.findIndex(({ lr }, i) => i < scheduled.length && !Object.is(lr, scheduled[i]));
  if (other >= 0) throw damage(path("layers.jsonl"), `lr is ${scheduled[other]} in step ${other + 1}, metrics.jsonl says ${steps[other].lr}. They are not of the same run.`, { key: "lr" });
}

/** @param at the last step and test, moved on */
function refuseStep(path: string, line: number, what: "step" | "test", step: number, at: { step: number; test: number }): void {
  const isNext = what === "step" ? step === at.step + 1 : step === at.step && step > at.test;
  if (!isNext) throw damage(path, `${what} ${step} follows step ${at.step}. Steps rise by one, and a test follows its step.`, { line, key: "step" });
  at[what] = step;
}

/** Refuses logs that end elsewhere than run.json says: not whole, or those of another run. */
export function refuseOtherEnd(path: Path, run: RunFile, logs: Logs): void {
  if (run.status === "running") return; // it may have been killed anywhere
  if (!("ended" in run.result)) {
    // It broke off. The step that broke has a line only if it broke after its update.
    const { steps: broken } = run.result;
    const { length } = logs.steps;
    if (broken !== undefined && length !== broken && length !== broken - 1 && !logs.metrics.isCut) throw damage(path("metrics.jsonl"), `it has ${length} steps, while run.json says that step ${broken} failed.`);
    return;
  }
  const { steps: done, ended, problem } = run.result;
  if ((problem !== null) !== (run.status === "failed")) throw damage(path("run.json"), `result.problem is ${quoteValue(problem)}, status ${quoteValue(run.status)}. A run with a problem has failed.`, { key: "result.problem" });
  const isFinished = ended === "finished";
  // A run whose numbers were not finite in the end has failed, wherever it ended.
  const agrees = run.status === "failed" || isFinished === (run.status === "finished") || (run.status === "interrupted" && logs.metrics.isCut);
  if (!agrees || (isFinished ? done !== run.config.steps : done > run.config.steps))
    throw damage(path("run.json"), `result has "${ended}" after ${done} of ${run.config.steps} steps, status ${quoteValue(run.status)}. One of the two was changed.`, { key: "result" });
  const isCut = refuseMissing(path, run, run.result, logs);
  if (!isCut) refuseOtherNumbers(path, run.result, logs);
}

/** @returns whether a log has a cut line, as a run that was stopped and then killed may leave it */
function refuseMissing(path: Path, { status, config }: RunFile, { steps: done, test }: FitResult, { metrics, steps, tests, times, layers, layersCut }: Logs): boolean {
  const { recordLayers, steps: all, testEvery } = config;
  const timed = times.lines.filter((t) => t.what === "step").length;
  const files = [["metrics.jsonl", metrics.isCut, steps.length], ["times.jsonl", times.isCut, timed], ["layers.jsonl", layersCut, recordLayers ? layers.steps.length : done]] as const;
  for (const [file, isCut, count] of files) {
    if (isCut && status === "finished") throw damage(path(file), "its last line is cut, while run.json says that the run finished.");
    if (count !== done && !isCut) throw damage(path(file), `it has ${count} steps, while run.json says ${done}.`);
  }
  const due = Math.floor(done / testEvery) + Number(done === all && done % testEvery !== 0);
  if ((due === 0) !== (test === null)) throw damage(path("run.json"), `result.test is ${quoteValue(test)}, after ${due} tests.`, { key: "result.test" });
  for (const [file, isCut, found] of [["metrics.jsonl", metrics.isCut, tests], ["times.jsonl", times.isCut, times.lines.filter((t) => t.what === "test")]] as const) {
    if (found.length !== due && !isCut) throw damage(path(file), `it has ${found.length} tests. A test every ${testEvery} steps, and after the last, makes ${due} in ${done} steps.`);
    const odd = found.find(({ step }) => step % testEvery !== 0 && step !== all);
    if (odd) throw damage(path(file), `it has a test after step ${odd.step}. They come every ${testEvery} steps, and after the last.`);
  }
  return files.some(([, isCut]) => isCut);
}

/** Refuses a result that the lines do not give. */
function refuseOtherNumbers(path: Path, { test, trainLoss }: FitResult, { steps, tests }: Logs): void {
  const last = tests.at(-1)?.test ?? null;
  if (!(last === test || (last !== null && test !== null && Object.is(last.loss, test.loss) && last.accuracy === test.accuracy && last.count === test.count)))
    throw damage(path("run.json"), "result.test differs from the last test in metrics.jsonl. One of the two was changed.", { key: "result.test" });
  const detector = divergenceDetector();
  for (const { loss } of steps) detector.observe(loss);
  const { smoothed } = detector;
  // exp and log differ between versions of V8 in their last digits.
  if (!Object.is(smoothed, trainLoss) && !(Math.abs(smoothed - trainLoss) <= 1e-6 * Math.abs(smoothed)))
    throw damage(path("run.json"), `result.trainLoss is ${trainLoss}, the losses in metrics.jsonl give ${smoothed}. One of the two was changed.`, { key: "result.trainLoss" });
}
