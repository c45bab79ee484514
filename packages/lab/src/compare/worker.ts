// The process of one arm: trains it on one thread, writes its run, and tells its parent how far it is. The same seed gives
// every arm the same start values and the same order of images.
import { Rng } from "@llr/tensor";
import { fit, totalSteps } from "@llr/train";
import { createRunFolder } from "@llr/train/node";
import { arms } from "../arms.ts";
import { mnistFrom, select } from "../datasets.ts";
import { isExpected } from "../expectedError.ts";
import { endOf, failureOf } from "../failure.ts";
import { describeMachine } from "../machine.ts";
import { models } from "../recipe.ts";
import { usePortable } from "../portable.ts";
import { claimFolder } from "../resultFolder.ts";
import type { Job, JobMessage, JobOutcome } from "./job.ts";

/** The parent is told at most this often. */
const TELL_MS = 200;

const tell = (message: JobMessage): void => void process.send?.(message);

async function runJob(job: Job, permission: Promise<void>, shouldStop: () => boolean): Promise<JobOutcome> {
  usePortable(job.portable);
  const arm = arms.find((a) => a.name === job.arm)!;
  const { train, test } = select(await mnistFrom(job), job);
  const rng = new Rng(job.seed);
  const model = models[job.model]({ rng: rng.stream("init") });
  const parameters = model.parameters();
  const steps = totalSteps({ train, batchSize: job.batchSize, epochs: job.epochs });
  const { name, label, description, settings } = arm;
  tell({ kind: "ready" });
  await permission;
  if (shouldStop()) return { status: "interrupted" };
  // The claim tells a sweep that goes on whether the worker of one that was killed still writes here.
  claimFolder({ out: job.dir, name: job.arm, holding: "a run" }, "worker");
  const folder = createRunFolder(job.dir, { status: "running", arm: { name, label, description, settings: { lr: job.lr, ...settings } }, config: { ...job, dir: undefined, dataDir: undefined, steps }, ...describeMachine() }, parameters);
  let accuracy: number | null = null;
  let toldAt = 0;
  try {
    const result = await fit({
      model, train, rng, test, testEvery: job.testEvery, batchSize: job.batchSize, epochs: job.epochs,
      optimizer: arm.build(parameters, { lr: job.lr, steps }),
      recorder: {
        metrics: (record) => {
          folder.metrics(record);
          if ("test" in record) accuracy = record.test.accuracy;
        },
        ...(job.recordLayers && { layers: (step, records) => folder.layers?.(step, records) }),
        time: folder.time,
      },
      shouldStop,
      onStep: async ({ step, loss }) => {
        if (performance.now() - toldAt > TELL_MS || step === steps) {
          toldAt = performance.now();
          tell({ kind: "progress", step, loss, accuracy });
        }
        await new Promise((resolve) => setImmediate(resolve)); // a turn of the event loop, so that "stop" is heard
      },
    });
    const end = endOf(result);
    folder.close();
    folder.update(end);
    return end.status === "failed" ? { status: "failed", error: end.result.error!, isDivergence: true } : { status: end.status };
  } catch (error) {
    const failure = failureOf(error);
    folder.fail(failure);
    return { status: "failed", error: failure.error, isDivergence: failure.verdict !== undefined };
  }
}

let stop = false;
const permission = new Promise<void>((resolve) => {
  process.on("message", (message) => {
    if (message === "stop") stop = true;
    resolve(); // "go", or "stop" before it
  });
  // Without a parent nobody reads on: what there is by now is saved.
  process.on("disconnect", () => {
    stop = true;
    resolve();
  });
});
// Ctrl-C reaches the whole group of processes, and so may other signals: the parent hears them, too, and waits for us.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => (stop = true));
if (!process.connected) process.exit(); // the parent has gone already
tell({ kind: "done", outcome: await outcomeOf(JSON.parse(process.argv[2]) as Job) });
if (process.connected) process.disconnect();

async function outcomeOf(job: Job): Promise<JobOutcome> {
  try {
    return await runJob(job, permission, () => stop);
  } catch (error) {
    if (!isExpected(error)) throw error;
    return { status: "failed", error: error.message, isDivergence: false };
  }
}
