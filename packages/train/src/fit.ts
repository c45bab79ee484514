import { backward, findNonFinite } from "@llr/autograd";
import type { Batch, Dataset } from "@llr/data";
import { batches, stepsPerEpoch } from "@llr/data";
import type { Module } from "@llr/nn";
import type { Clipped, Optimizer, Param } from "@llr/optim";
import { clipByGlobalNorm } from "@llr/optim";
import type { Rng, Tensor } from "@llr/tensor";
import { ArgumentError, crossEntropy, LlrError, scope, tensor } from "@llr/tensor";
import type { Verdict } from "./divergence.ts";
import { divergenceDetector } from "./divergence.ts";
import type { Evaluation } from "./evaluate.ts";
import { evaluate } from "./evaluate.ts";
import type { Recorder, StepMetrics } from "./recorder.ts";

/** Present in Node, browsers, Deno and Bun, but not in the language's own types. */
declare const performance: { now(): number };

export interface FitOptions {
  readonly model: Module;
  /** Over `model.parameters()`. Its schedules count the steps of this run: {@link totalSteps}. */
  readonly optimizer: Optimizer;
  readonly train: Dataset;
  /** Evaluated every `testEvery` steps (default: once an epoch), and after the last. */
  readonly test?: Dataset;
  readonly testEvery?: number;
  readonly batchSize: number;
  readonly epochs: number;
  /** Shuffles: epoch e draws from the stream "shuffle/e". */
  readonly rng: Rng;
  /** Largest norm of all gradients together. Default: no clipping. */
  readonly clipNorm?: number;
  /** Another clipping rule, in place of clipNorm: `(parameters) => clipAdaptively(parameters)`. */
  readonly clip?: (parameters: readonly Param[]) => Clipped;
  readonly recorder?: Recorder;
  /** Called after every step; fit waits for a promise, so this is also where the event loop gets its turn. */
  readonly onStep?: (progress: StepMetrics & { readonly steps: number }) => void | Promise<void>;
  /** Asked after every step: true finishes the run there. */
  readonly shouldStop?: () => boolean;
  /** Milliseconds, for the recorder's times only. Default: `performance.now`. */
  readonly clock?: () => number;
}

export interface FitResult {
  readonly steps: number;
  readonly ended: "finished" | "stopped";
  readonly verdict: Verdict;
  /** Exponential average of the training loss. */
  readonly trainLoss: number;
  /** The last evaluation; null without a test set or before the first one. */
  readonly test: Evaluation | null;
}

/** The loss is no number any more. Nothing was updated with it. */
export class NonFiniteLossError extends LlrError {
  readonly step: number;

  constructor(step: number, problem: string) {
    super("LLR_NON_FINITE_LOSS", `fit: ${problem}`);
    this.step = step;
  }
}

export const totalSteps = ({ train, batchSize, epochs }: Pick<FitOptions, "train" | "batchSize" | "epochs">): number => epochs * stepsPerEpoch(train, { size: batchSize });

/**
 * Trains a classifier: shuffled batches, cross-entropy, one optimizer step a batch, an evaluation now and then. It is a plain
 * loop to copy and change; nothing in it is hidden from a loop of your own.
 *
 * @throws NonFiniteLossError as soon as a loss is NaN or infinite, before the update, naming the first op or parameter
 * @throws ArgumentError unless epochs is a positive integer
 * @example
 * import { glyphs } from "@llr/data";
 * import { mlp } from "@llr/nn";
 * import { oneCycle, sgd } from "@llr/optim";
 * import { Rng } from "@llr/tensor";
 * import { fit, totalSteps } from "@llr/train";
 * const rng = new Rng(1);
 * const run = { train: glyphs({ count: 500, rng: rng.stream("train") }), batchSize: 50, epochs: 6 };
 * const test = glyphs({ count: 100, rng: rng.stream("test") });
 * const model = mlp([64, 32, 10], { rng: rng.stream("init") });
 * const cycle = oneCycle({ peak: 0.2, steps: totalSteps(run) });
 * const result = await fit({ ...run, test, model, rng, optimizer: sgd(model.parameters(), { ...cycle }) });
 * result.test!.accuracy > 0.9 // => true
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  const { model, optimizer, train, test, batchSize, epochs, rng, recorder, onStep, shouldStop = () => false, clock = () => performance.now() } = options;
  if (!Number.isInteger(epochs) || epochs < 1) throw new ArgumentError("fit", `epochs is ${epochs}. It must be a positive integer.`);
  const steps = totalSteps(options);
  const { testEvery = steps / epochs } = options;
  const detector = divergenceDetector();
  let step = 0;
  let tested: Evaluation | null = null;

  const result = (ended: FitResult["ended"]): FitResult => ({ steps: step, ended, verdict: detector.verdict(), trainLoss: detector.smoothed, test: tested });
  const timed = <R>(what: "step" | "test", run: () => R): R => {
    const start = clock();
    const value = run();
    recorder?.time({ step, what, ms: clock() - start });
    return value;
  };
  const evaluateNow = (dataset: Dataset): void => {
    tested = timed("test", () => evaluate(model, dataset));
    recorder?.metrics({ step, epoch: Math.floor((step / steps) * epochs), test: tested });
  };

  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const batch of batches(train, { size: batchSize, rng: rng.stream(`shuffle/${epoch}`) })) {
      step++;
      const update = timed("step", () => trainStep(options, batch, step));
      detector.observe(update.loss);
      const metrics = { step, epoch, ...update };
      recorder?.metrics(metrics);
      if (test && (step % testEvery === 0 || step === steps)) evaluateNow(test);
      await onStep?.({ ...metrics, steps });
      if (step < steps && shouldStop()) return result("stopped");
    }
  }
  optimizer.zeroGrad();
  return result("finished");
}

type Update = Omit<StepMetrics, "step" | "epoch">;

function trainStep({ model, optimizer, clipNorm, clip: rule, rng, recorder }: FitOptions, { images, labels }: Batch, step: number): Update {
  return scope(() => {
    const logits = model.forward(tensor(images), { training: true, rng: rng.stream(`forward/${step}`) });
    const loss = crossEntropy(logits, tensor(labels));
    const value = loss.item();
    if (!Number.isFinite(value)) throw new NonFiniteLossError(step, `the loss is ${value} in step ${step}${originOf(loss)}. Lower the rate, lengthen the warm-up, or clip the gradients.`);
    optimizer.zeroGrad();
    backward(loss);
    const clip = rule ? rule(model.parameters()) : clipNorm === undefined ? null : clipByGlobalNorm(model.parameters(), { maxNorm: clipNorm });
    const { values } = optimizer.groups[0];
    const momentum = values["momentum"] ?? values["beta1"];
    const records = optimizer.step();
    recorder?.layers?.(step, records);
    // Without clipping the optimizer has already measured every gradient.
    const gradNorm = clip?.norm ?? Math.sqrt(records.reduce((total, r) => total + r.gradNorm ** 2, 0));
    return { loss: value, lr: records[0].lr, ...(typeof momentum === "number" && { momentum }), gradNorm, ...(clip && { clipped: clip.clipped }) };
  });
}

/** Where the loss broke, as part of a sentence. */
function originOf(loss: Tensor): string {
  const origin = findNonFinite(loss);
  if (origin === null) return "";
  const place = { parameter: "the parameter", constant: "a constant input of", result: "the result of" }[origin.what];
  return `; the first numbers that are not finite are in ${place} ${origin.name}`;
}
