import { join } from "node:path";
import type { Command } from "commander";
import { imageCount, stepsPerEpoch } from "@llr/data";
import { jsonText } from "@llr/train";
import { writeWhole } from "@llr/train/node";
import type { Job, JobOutcome } from "../compare/job.ts";
import { liveTable, type LiveState } from "../compare/liveTable.ts";
import { isStopped, runWatched } from "../compare/pool.ts";
import { type Arm, RATE_SOURCE } from "../arms.ts";
import { checkoutOf } from "../checkout.ts";
import { mnistFrom, select } from "../datasets.ts";
import { EXIT } from "../exit.ts";
import { type Interrupt, stoppedEarly, watchInterrupts } from "../interrupt.ts";
import { describeMachine } from "../machine.ts";
import { count, multiple, percentage, seed } from "../options.ts";
import { formatDuration } from "../progress.ts";
import { type CompareManifest, readComparison } from "../report/comparison.ts";
import { formatSummary } from "../report/summary.ts";
import type { RateSource } from "../rateSource.ts";
import { warningsOf } from "../report/warnings.ts";
import { readSweptRates, type SweptRates, sweptRate } from "../sweep/readSweep.ts";
import { writeReport } from "../report/writeReport.ts";
import { claimFolder, refuseTaken } from "../resultFolder.ts";
import { addTrainingOptions, type TrainingOptions } from "../trainingOptions.ts";
import { visible } from "../visibleText.ts";

interface CompareOptions extends TrainingOptions {
  readonly rateScale: number;
  readonly rates?: string;
  readonly testImages?: number;
  readonly tests: number;
  readonly target: number;
  readonly seed: number;
}

export function compareCommand(program: Command, exit: (code: number) => void): void {
  const command = program.command("compare").description("Train the same model with several optimizers: same seed, start values and order of images.");
  addTrainingOptions(command)
    .option("--rates <folder>", "each arm's best rate of a finished sweep (default: the rates of docs/decisions/0005)")
    .option("--rate-scale <factor>", "multiply every arm's largest rate", multiple, 1)
    .option("--test-images <n>", "test on the first n test images only (default: all)", count)
    .option("--tests <n>", "evaluations in the course of each training", count, 20)
    .option("--target <accuracy>", "accuracy in percent whose first step is reported", percentage, 98.5)
    .option("--seed <n>", "the same seed gives the same metrics, for any number of workers", seed, 1)
    .option("--out <folder>", "where the comparison is written; must not hold one (default: runs/compare-MODEL-SEED-DATE-TIME)")
    .action(async (options: CompareOptions) => {
      const swept = options.rates === undefined ? null : readSweptRates(options.rates);
      // Unless arms are named, those of the sweep are compared.
      const all = swept === null || command.getOptionValueSource("arms") !== "default";
      exit(await compare({ ...options, arms: all ? options.arms : options.arms.filter(({ name }) => swept.best.has(name)) }, swept));
    });
}

async function compare(options: CompareOptions, swept: SweptRates | null): Promise<number> {
  const { model, epochs, batchSize, seed: seedValue, workers, portable, dataDir, acceptOtherData, images, testImages, target } = options;
  const place = { out: options.out, name: `compare-${model}-seed${seedValue}`, holding: "a comparison" };
  refuseTaken(place);
  const interrupt = watchInterrupts();
  const rateOf = ({ name, lr }: Arm): number => Number(((swept === null ? lr : sweptRate(swept, name)) * options.rateScale).toPrecision(6));
  const rates = options.arms.map(rateOf);
  const data = await mnistFrom(options);
  const { train, test } = select(data, options);
  const steps = epochs * stepsPerEpoch(train, { size: batchSize });
  const testEvery = Math.max(1, Math.ceil(steps / options.tests));
  const early = interrupt.reason();
  if (early !== null) return stoppedEarly(early);
  const { dir } = claimFolder(place, "compare");
  const jobs: Job[] = options.arms.map(({ name }, i) => ({ arm: name, dir: join(dir, "arms", name), lr: rates[i], model, epochs, batchSize, images, testImages, testEvery, seed: seedValue, portable, dataDir, acceptOtherData, recordLayers: true }));

  const config = { model, dataset: data.source.dataset, epochs, batchSize, images: imageCount(train), testImages: imageCount(test), seed: seedValue, targetAccuracy: target / 100, steps, testEvery, arms: options.arms.map((a) => a.name), rates };
  const rateSource: RateSource = { ...(swept === null ? RATE_SOURCE : swept.source), scale: options.rateScale };
  const manifest: CompareManifest = { status: "running", format: 1, config, rateSource, arms: options.arms.map(({ name, label, description, settings }) => ({ name, label, description, settings })), ...describeMachine(), git: checkoutOf(), data: data.source };
  const save = (changes: Partial<CompareManifest>): void => writeWhole(join(dir, "compare.json"), jsonText({ ...manifest, ...changes }));
  save({});
  interrupt.onLeave(() => save({ status: "interrupted" }));

  console.log(`${jobs.length} arms on ${model}, ${config.images.toLocaleString("en")} images of ${config.dataset}, ${steps} steps each, ${Math.min(workers, jobs.length)} at a time; tested on ${config.testImages.toLocaleString("en")} images, seed ${seedValue}`);
  for (const { label, lr, edge } of swept?.best.values() ?? []) if (edge !== null && options.arms.some((arm) => arm.label === label)) console.log(`${label}: the sweep's best rate, ${lr}, is the ${edge} it tried; a better one may lie beyond`);
  const started = performance.now();
  const outcomes = await runArms(jobs, options.arms.map((a) => a.label), steps, workers, interrupt);
  const stopped = outcomes.some(isStopped);
  const errors = Object.fromEntries(outcomes.flatMap((outcome, i) => (outcome?.status === "failed" ? [[jobs[i].arm, outcome.error]] : [])));
  // The table first: it is there even where the files cannot be written.
  const saving = attempt(() => save({ status: stopped ? "interrupted" : "finished", ...(Object.keys(errors).length > 0 && { errors }) }));

  const comparison = readComparison(dir, { damaged: "mark" });
  console.log(`\n${formatSummary(comparison)}\n`);
  for (const warning of warningsOf(comparison)) console.log(visible(`warning: ${warning}`));
  console.log(`target ${target} %; one seed is no proof. ${formatDuration(performance.now() - started)}`);
  if (saving !== null) throw saving;
  console.log(`report: ${writeReport(dir, comparison)}`);
  const reason = interrupt.reason();
  if (stopped && reason !== null) return reason.exitCode;
  const broken = outcomes.flatMap((o) => (o?.status === "failed" && !o.isDivergence ? [o.error] : []));
  if (broken.length > 0) console.error(`llr: ${broken.length} of ${jobs.length} arms failed: ${broken[0]}`);
  return broken.length > 0 || outcomes.every((o) => o?.status === "failed") || comparison.arms.some((arm) => arm.status === "damaged") ? EXIT.failed : EXIT.ok;
}

/** @returns what it throws, or null */
function attempt(run: () => void): unknown {
  try {
    run();
    return null;
  } catch (error) {
    return error;
  }
}

/** Trains the arms under the eyes of the user, who may stop them. */
function runArms(jobs: readonly Job[], labels: readonly string[], steps: number, workers: number, interrupt: Interrupt): Promise<(JobOutcome | null)[]> {
  const table = liveTable(labels, steps, workers, process.stdout);
  const latest = jobs.map((): LiveState => ({ state: "waiting", step: 0, loss: null, accuracy: null }));
  const update = (job: Job, changes: Partial<LiveState>): void => {
    const index = jobs.indexOf(job);
    latest[index] = { ...latest[index], ...changes };
    table.update(index, latest[index]);
  };
  return runWatched(jobs, table, "arm", interrupt, {
    workers,
    onProgress: (job, { step, loss, accuracy }) => update(job, { state: "training", step, loss, accuracy }),
    onDone: (job, { status }) => update(job, status === "failed" ? { state: "failed" } : { state: "done", ...(status === "finished" && { step: steps }) }),
  });
}
