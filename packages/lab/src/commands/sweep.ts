import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { imageCount, stepsPerEpoch } from "@llr/data";
import { jsonText, numberIn } from "@llr/train";
import { RunFolderError, writeWhole } from "@llr/train/node";
import type { Job } from "../compare/job.ts";
import { runWatched } from "../compare/pool.ts";
import { mnistFrom, select } from "../datasets.ts";
import { EXIT } from "../exit.ts";
import { describeMachine } from "../machine.ts";
import { count } from "../options.ts";
import { progress } from "../progress.ts";
import { bestFactors, formatSweep, sweepCsv, type Trial, type TrialResult } from "../sweep/table.ts";
import { timestamp } from "../timestamp.ts";
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
    .option("--out <folder>", "where the sweep is written; must not hold one (default: runs/sweep-DATE-TIME)")
    .action(async (options: SweepOptions) => exit(await sweep(options)));
}

/** "0.5,1,2" -> numbers in rising order. */
function readFactors(text: string): number[] {
  const factors = text.split(",").map(Number);
  const wrong = text.split(",").find((_, i) => !(factors[i] >= 1e-6 && factors[i] <= 1e6));
  if (wrong !== undefined) throw new InvalidArgumentError(`${JSON.stringify(wrong)} is no number from 1e-6 to 1e6.`);
  if (new Set(factors).size !== factors.length) throw new InvalidArgumentError("A factor stands in it twice.");
  return factors.sort((a, b) => a - b);
}

async function sweep(options: SweepOptions): Promise<number> {
  const { model, epochs, batchSize, images, holdOut, workers, dataDir, acceptOtherData, factors, seeds } = options;
  const dir = options.out ?? join("runs", `sweep-${timestamp(new Date())}`);
  if (existsSync(join(dir, "sweep.json"))) throw new RunFolderError(dir, "the folder already holds a sweep (sweep.json). Choose another with --out; nothing is overwritten.");
  const data = await mnistFrom(options);
  const { train, test } = select(data, { images, holdOut });
  const steps = epochs * stepsPerEpoch(train, { size: batchSize });
  const trials: Trial[] = options.arms.flatMap((arm) => factors.flatMap((factor) => Array.from({ length: seeds }, (_, i) => ({ arm: arm.name, label: arm.label, factor, lr: Number((arm.lr * factor).toPrecision(6)), seed: i + 1 }))));
  const jobs = trials.map(({ arm, factor, lr, seed }): Job => ({ arm, dir: join(dir, "runs", arm, `x${factor}`, `seed${seed}`), lr, model, epochs, batchSize, images, holdOut, testEvery: steps, seed, dataDir, acceptOtherData, recordLayers: false }));

  const config = { model, dataset: data.source.dataset, epochs, batchSize, images: imageCount(train), heldOut: imageCount(test), steps, factors, seeds, arms: options.arms.map((a) => a.name) };
  mkdirSync(dir, { recursive: true });
  const save = (status: string, results: readonly TrialResult[]): void => writeWhole(join(dir, "sweep.json"), jsonText({ status, format: 1, config, ...describeMachine(), data: data.source, results }));
  save("running", []);

  console.log(`${options.arms.length} arms x ${factors.length} rates x ${seeds} seeds on ${model}: ${jobs.length} trainings of ${steps} steps, ${Math.min(workers, jobs.length)} at a time; tested on ${config.heldOut.toLocaleString("en")} training images set aside`);
  const bar = progress(jobs.length * steps, process.stdout);
  const at = new Map<Job, number>();
  let done = 0;
  const show = (job: Job, step: number): void => {
    at.set(job, step);
    bar.update([...at.values()].reduce((a, b) => a + b, 0), `${done} of ${jobs.length} trainings done`);
  };
  const { outcomes, stopped } = await runWatched(jobs, bar, "training", {
    workers,
    onProgress: (job, { step }) => show(job, step),
    onDone: (job) => {
      done++;
      show(job, steps);
    },
  });
  // A training that was stopped says nothing about its rate.
  const results = trials.flatMap((trial, i) => (outcomes[i] === null || outcomes[i].status === "interrupted" ? [] : [{ ...trial, ...resultOf(jobs[i]) }]));
  save(stopped ? "interrupted" : "finished", results);
  writeWhole(join(dir, "sweep.csv"), sweepCsv(results));
  console.log(`\n${formatSweep(results)}\n`);
  for (const { label, lr, edge } of bestFactors(results)) if (edge !== null) console.log(`${label}: the best rate, ${lr}, is the ${edge} tried. Try a wider range with --factors.`);
  console.log(`written to ${dir}`);
  return stopped ? EXIT.interrupted : EXIT.ok;
}

/** What the run's own manifest says of it; a run that broke off has no accuracy. */
function resultOf({ dir }: Job): Pick<TrialResult, "accuracy" | "loss" | "verdict"> {
  const path = join(dir, "run.json");
  const { result } = (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {}) as { result?: { test?: { accuracy: number; loss: unknown }; verdict?: string } };
  return { accuracy: result?.test?.accuracy ?? null, loss: numberIn(result?.test?.loss) ?? null, verdict: result?.verdict ?? "failed" };
}
