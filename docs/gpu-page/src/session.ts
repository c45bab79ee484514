// One training from start to end. The page hears of what was read back; between reads nothing waits for the device.
import { batches, type Dataset, stepsPerEpoch } from "@llr/data";
import { Rng } from "@llr/tensor";
import type { Observation, Trainer } from "./trainer.ts";
import { accuracyOf } from "./trainer.ts";

export interface SessionOptions {
  readonly trainer: Trainer;
  readonly train: Dataset;
  readonly test: Dataset;
  readonly batchSize: number;
  readonly epochs: number;
  readonly rng: Rng;
  readonly signal: AbortSignal;
  observed(step: number, observation: Observation): void;
  tested(step: number, accuracy: number): void;
  /** After every step that was handed over, finished or not. */
  stepped(step: number): void;
}

export interface SessionResult {
  readonly steps: number;
  readonly ended: "finished" | "stopped";
}

/** Tests in a training, at most about. */
const TESTS = 20;
/** A test takes as long as some ten steps. */
const FEWEST_BETWEEN = 50;

export const totalSteps = (train: Dataset, batchSize: number, epochs: number): number => epochs * stepsPerEpoch(train, { size: batchSize });

/** @throws Error at a loss that is no number; what the device throws when it is lost or has no kernel */
export async function runSession({ trainer, train, test, batchSize, epochs, rng, signal, observed, tested, stepped }: SessionOptions): Promise<SessionResult> {
  const total = totalSteps(train, batchSize, epochs);
  const testEvery = Math.max(FEWEST_BETWEEN, Math.ceil(total / TESTS));
  let step = 0;
  /** The last read: one at a time, so that no more than `observeEvery` steps wait for the device. */
  let reading: Promise<void> = Promise.resolve();
  const look = async (at: number): Promise<void> => {
    const observation = await trainer.observe();
    if (!Number.isFinite(observation.loss)) throw new Error(`The loss is ${observation.loss} at step ${at}: training has diverged. Take a smaller rate.`);
    observed(at, observation);
  };
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const batch of batches(train, { size: batchSize, rng: rng.stream(`shuffle/${epoch}`) })) {
      step++;
      const isObserved = step === 1 || step === total || step % trainer.observeEvery === 0;
      trainer.step(batch, isObserved);
      stepped(step);
      if (isObserved) {
        await reading;
        reading = look(step);
        reading.catch(() => {}); // thrown where it is awaited
      }
      const isLast = step === total || signal.aborted;
      if (isLast || step % testEvery === 0) {
        await reading;
        tested(step, await accuracyOf(trainer, test));
      }
      if (isLast) return { steps: step, ended: step === total ? "finished" : "stopped" };
      await turn();
    }
  }
  return { steps: step, ended: "finished" };
}

const channel = new MessageChannel();
channel.port1.start();

/** Lets the page draw and react. Timers would wait 4 ms, and a second in a tab that is not looked at. */
const turn = (): Promise<void> => new Promise((resolve) => {
  channel.port1.addEventListener("message", () => resolve(), { once: true });
  channel.port2.postMessage(null);
});
