import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { imageCount, stepsPerEpoch } from "@llr/data";
import { jsonText, numberIn } from "@llr/train";
import { writeWhole } from "@llr/train/node";
import { checkoutOf } from "../checkout.ts";
import type { Job } from "../compare/job.ts";
import { runWatched } from "../compare/pool.ts";
import { mnistFrom, select } from "../datasets.ts";
import { EXIT } from "../exit.ts";
import { stoppedEarly, watchInterrupts } from "../interrupt.ts";
import { describeMachine } from "../machine.ts";
import { count, isMultiple } from "../options.ts";
import { progress } from "../progress.ts";
import { claimFolder, refuseTaken } from "../resultFolder.ts";
import { isThrough, refuseOtherSweep, type SweepIdentity, waitForWorkers } from "../sweep/resume.ts";
import { bestFactors, formatSweep, sweepCsv, type Trial, type TrialResult } from "../sweep/table.ts";
import { addTrainingOptions, type TrainingOptions } from "../trainingOptions.ts";

interface SweepOptions extends TrainingOptions {
  readonly factors: readonly number[];
  readonly seeds: number;
  readonly holdOut: number;
}

export function sweepCommand(program: Command, exit: (code: number) => void): void {
  const command = program.command("sweep").description("Find each arm's largest rate: train with multiples of it, tested on training images set aside.");
  addTrainingOptions(command)
    .addOption(new Option("--factors <list>", "multiples of each arm's rate to try").argParser(readFactors).default([0.25, 0.5, 1, 2, 4], "0.25,0.5,1,2,4"))
    .option("--seeds <n>", "seeds 1 to n for each", count, 2)
    .option("--hold-out <n>", "training images to set aside; the test set is not looked at", count, 5000)
    .option("--out <folder>", "where the sweep is written; one that was broken off there goes on (default: runs/sweep-MODEL-DATE-TIME)")
    .action(async (options: SweepOptions) => exit(await sweep(options)));
}

/** "0.5,1,2" -> numbers in rising order. */
function readFactors(text: string): number[] {
  const factors = text.split(",").map(Number);
  const wrong = text.split(",").find((_, i) => !isMultiple(factors[i]));
  if (wrong !== undefined) throw new InvalidArgumentError(`${JSON.stringify(wrong)} is no number from 1e-6 to 1e6.`);
  if (new Set(factors).size !== factors.length) throw new InvalidArgumentError("A factor stands in it twice.");
  return factors.sort((a, b) => a - b);
}

async function sweep(options: SweepOptions): Promise<number> {
  const { model, epochs, batchSize, images, holdOut, workers, portable, dataDir, acceptOtherData, factors, seeds } = options;
  const place = { out: options.out, name: `sweep-${model}`, holding: "a sweep", resumes: "sweep.json" };
  refuseTaken(place);
  const interrupt = watchInterrupts();
  const data = await mnistFrom(options);
  const { train, test } = select(data, { images, holdOut });
  const steps = epochs * stepsPerEpoch(train, { size: batchSize });
  const trials: Trial[] = options.arms.flatMap((arm) => factors.flatMap((factor) => Array.from({ length: seeds }, (_, i) => ({ arm: arm.name, label: arm.label, factor, lr: Number((arm.lr * factor).toPrecision(6)), seed: i + 1 }))));
  const early = interrupt.reason();
  if (early !== null) return stoppedEarly(early);
  const { dir, isResumed } = claimFolder(place, "sweep");
  const jobs = trials.map(({ arm, factor, lr, seed }): Job => ({ arm, dir: join(dir, "runs", arm, `x${factor}`, `seed${seed}`), lr, model, epochs, batchSize, images, holdOut, testEvery: steps, seed, portable, dataDir, acceptOtherData, recordLayers: false }));

  const config = { model, dataset: data.source.dataset, epochs, batchSize, images: imageCount(train), heldOut: imageCount(test), steps, factors, seeds, arms: options.arms.map((a) => a.name) };
  const machine = describeMachine();
  const identity: SweepIdentity = { ...config, testImages: null, rates: options.arms.map((a) => a.lr), settings: options.arms.map((a) => a.settings), files: data.source.files.map((f) => f.sha256), llr: machine.versions.llr, arithmetic: machine.arithmetic.arithmetic };
  if (isResumed) {
    refuseOtherSweep(dir, identity);
    await waitForWorkers(jobs);
  }
  const left = isResumed ? jobs.filter((job) => !isThrough(job)) : jobs;
  const isLeft = new Set(left);
  /** A training that was stopped, or that the machine broke off, says nothing about its rate. */
  const results = (): TrialResult[] => trials.flatMap((trial, i) => (isLeft.has(jobs[i]) ? [] : [{ ...trial, ...resultOf(jobs[i]) }]));
  const save = (status: string): void => writeWhole(join(dir, "sweep.json"), jsonText({ status, format: 1, config, identity, ...machine, git: checkoutOf(), data: data.source, results: results() }));
  save("running");
  interrupt.onLeave(() => save("interrupted"));

  console.log(`${options.arms.length} arms x ${factors.length} rates x ${seeds} seeds on ${model}: ${jobs.length} trainings of ${steps} steps, ${Math.min(workers, jobs.length)} at a time; tested on ${config.heldOut.toLocaleString("en")} training images set aside`);
  if (isResumed) console.log(`going on in ${dir}: ${jobs.length - left.length} of ${jobs.length} trainings are done`);
  const bar = progress(left.length * steps, process.stdout);
  const at = new Map<Job, number>();
  let done = jobs.length - left.length;
  const show = (job: Job, step: number): void => {
    at.set(job, step);
    bar.update([...at.values()].reduce((a, b) => a + b, 0), `${done} of ${jobs.length} trainings done`);
  };
  const outcomes = await runWatched(left, bar, "training", interrupt, {
    workers,
    onProgress: (job, { step }) => show(job, step),
    onDone: (job, outcome) => {
      if (outcome.status === "finished" || (outcome.status === "failed" && outcome.isDivergence)) {
        isLeft.delete(job);
        done++;
        save("running");
      }
      show(job, steps);
    },
  });
  const found = results();
  console.log(`\n${formatSweep(found)}\n`);
  for (const { label, lr, edge } of bestFactors(found)) if (edge !== null) console.log(`${label}: the best rate, ${lr}, is the ${edge} tried. Try a wider range with --factors.`);
  save(isLeft.size > 0 ? "interrupted" : "finished");
  writeWhole(join(dir, "sweep.csv"), sweepCsv(found));
  console.log(`written to ${dir}`);
  const broken = outcomes.flatMap((o) => (o?.status === "failed" && !o.isDivergence ? [o.error] : []));
  if (broken.length > 0) console.error(`llr: ${broken.length} of ${jobs.length} trainings failed: ${broken[0]} The same command trains them again.`);
  const reason = interrupt.reason();
  if (isLeft.size > 0 && reason !== null) return reason.exitCode;
  return broken.length > 0 ? EXIT.failed : EXIT.ok;
}

/** What the run's own manifest says of it; a run that broke off has no accuracy. */
function resultOf({ dir }: Job): Pick<TrialResult, "accuracy" | "loss" | "verdict"> {
  const path = join(dir, "run.json");
  const { result } = (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {}) as { result?: { test?: { accuracy: number; loss: unknown }; verdict?: string } };
  return { accuracy: result?.test?.accuracy ?? null, loss: numberIn(result?.test?.loss) ?? null, verdict: result?.verdict ?? "failed" };
}
