import { backward, findNonFinite } from "@llr/autograd";
import type { Batch, Dataset } from "@llr/data";
import { batches } from "@llr/data";
import type { ForwardContext, Module } from "@llr/nn";
import type { Clipped, MeasuredGradient, Optimizer, Param } from "@llr/optim";
import { clipByGlobalNorm, norm } from "@llr/optim";
import type { Rng, Tensor } from "@llr/tensor";
import { crossEntropy, scope, tensor } from "@llr/tensor";
import { divergenceDetector } from "./divergence.ts";
import { NonFiniteError, NonFiniteGradientError, NonFiniteLossError } from "./errors.ts";
import type { Evaluation } from "./evaluate.ts";
import { evaluate, rightAnswers } from "./evaluate.ts";
import { labelEntropy } from "./labelEntropy.ts";
import { type RateWarning, type RateWatch, rateWatch } from "./rateWatch.ts";
import type { Recorder, StepMetrics } from "./recorder.ts";
import { planRun, type RunPlan } from "./runPlan.ts";
import type { Verdict } from "./verdict.ts";

/** Present in Node, browsers, Deno and Bun, but not in the language's own types. */
declare const performance: { now(): number };

export interface FitOptions {
  readonly model: Module;
  /**
   * Over `model.parameters()` or some of them, for example a new head's. Those that it does not hold stay as they are, and no
   * clipping rule sees them. Its schedules count the steps of this run: `totalSteps`.
   */
  readonly optimizer: Optimizer;
  readonly train: Dataset;
  readonly test?: Dataset;
  /** Steps from one evaluation on the test set to the next; there is one after the last step, too. Default: once an epoch. */
  readonly testEvery?: number;
  readonly batchSize: number;
  /** Leaves out the last batch of every epoch when it is short; which images those are changes with the order. Default false. */
  readonly dropLast?: boolean;
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
  /** By the training loss, and by the numbers that the run ended with: see {@link problem}. */
  readonly verdict: Verdict;
  /** What is not finite after the last update, with verdict "nonFinite": the loss on the test set or a number of the model; else null. */
  readonly problem: string | null;
  /** Exponential average of the training loss. */
  readonly trainLoss: number;
  /** The last evaluation; null without a test set or before the first one. */
  readonly test: Evaluation | null;
  /** Parameters that moved too far a step, or at a rate far above their layer's, for long. */
  readonly warnings: readonly RateWarning[];
}

/**
 * Trains a classifier: shuffled batches, cross-entropy, one optimizer step a batch, an evaluation now and then. It is a plain
 * loop to copy and change; nothing in it is hidden from a loop of your own.
 *
 * A gradient whose norm is NaN or infinite ends the run before the update too, unless the optimizer is to skip such
 * (`nonFinite`). This takes no pass over the gradients of its own. So without clipping, and with kernels that measure a
 * gradient only while they update (`reportsNorms`, as those of simdUpdates under sgd and adamW), it is found after the update
 * of that step, which the message then says; the optimizer's `nonFinite: "throw"` has gradients measured and refused before.
 *
 * @throws NonFiniteGradientError for a gradient whose norm is not finite, naming of several such the one nearest the loss
 * @throws NonFiniteLossError as soon as a loss is NaN or infinite, before the update, naming the first op or parameter
 * @throws ArgumentError, before the first step, for no images or epochs, a testEvery that is no number of steps, two clipping
 *   rules, an optimizer over none of the model's parameters, or a last batch of one image on which the model cannot be trained
 * @throws OnDeviceError if the model lies on a device
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
  const { model, train, test, batchSize, epochs, dropLast, rng, recorder, onStep, shouldStop = () => false, clock = () => performance.now() } = options;
  const plan = planRun(options);
  const { steps, stepsPerEpoch, testEvery } = plan;
  const detector = divergenceDetector({ priorLoss: labelEntropy(train.labels) || undefined }); // all labels equal: nothing to learn
  const rates = rateWatch(model.parameters());
  let step = 0;
  let tested: Evaluation | null = null;

  const result = (ended: FitResult["ended"]): FitResult => {
    const problem = nonFiniteAfter(step, model, tested);
    return { steps: step, ended, verdict: problem === null ? detector.verdict() : "nonFinite", problem, trainLoss: detector.smoothed, test: tested, warnings: rates.warnings() };
  };
  const timed = <R>(what: "step" | "test", run: () => R): R => {
    const start = clock();
    const value = run();
    recorder?.time({ step, what, ms: clock() - start });
    return value;
  };
  const evaluateNow = (dataset: Dataset): void => {
    tested = timed("test", () => evaluate(model, dataset));
    recorder?.metrics({ step, epoch: Math.floor(step / stepsPerEpoch), test: tested });
  };

  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const batch of batches(train, { size: batchSize, dropLast, rng: rng.stream(`shuffle/${epoch}`) })) {
      step++;
      const update = timed("step", () => withWarnings(rates, () => trainStep(options, plan, batch, step, rates)));
      detector.observe(update.loss, update.gradNorm);
      const metrics = { step, epoch, ...update };
      recorder?.metrics(metrics);
      if (test && (step % testEvery === 0 || step === steps)) evaluateNow(test);
      await onStep?.({ ...metrics, steps });
      if (step < steps && shouldStop()) return result("stopped");
    }
  }
  model.zeroGrad();
  return result("finished");
}

/** A run that breaks off tells, too, which rates were too large before. */
function withWarnings<R>(rates: RateWatch, run: () => R): R {
  try {
    return run();
  } catch (error) {
    if (error instanceof NonFiniteError) error.warnings = rates.warnings();
    throw error;
  }
}

type Update = Omit<StepMetrics, "step" | "epoch">;

function trainStep(options: FitOptions, { trained }: RunPlan, batch: Batch, step: number, rates: RateWatch): Update {
  const { optimizer, clipNorm, clip: rule, recorder } = options;
  return scope(() => {
    const { loss, accuracy } = lossAndGradients(options, batch, step);
    const clip = clipNorm === undefined ? (rule?.(trained) ?? null) : clipByGlobalNorm(trained, { maxNorm: clipNorm });
    if (clip && !Number.isFinite(clip.norm) && optimizer.nonFinite !== "skip") throw clippedNonFinite(options, trained, batch, step, clip.norm);
    const { values } = optimizer.groups[0];
    const momentum = values["momentum"] ?? values["beta1"];
    const records = optimizer.step(undefined, undefined, (measured) => refuseNonFinite(step, measured));
    refuseNonFinite(step, records, " The update has used it: go back to a saved state.");
    rates.observe(step, records);
    recorder?.layers?.(step, records);
    // Without clipping the optimizer has already measured every gradient.
    const gradNorm = clip?.norm ?? Math.sqrt(records.reduce((total, r) => total + r.gradNorm ** 2, 0));
    return { loss, accuracy, lr: records[0].lr, ...(typeof momentum === "number" && { momentum }), gradNorm, ...(clip && { clipped: clip.clipped }) };
  });
}

/** Puts the gradients into the parameters. */
function lossAndGradients({ model, rng }: FitOptions, { images, labels, size }: Batch, step: number, context: ForwardContext = {}): { readonly loss: number; readonly accuracy: number } {
  const logits = model.forward(tensor(images), { training: true, rng: rng.stream(`forward/${step}`), ...context });
  const loss = crossEntropy(logits, tensor(labels));
  const value = loss.item();
  if (!Number.isFinite(value)) throw new NonFiniteLossError(step, `the loss is ${value} in step ${step}${originOf(loss)}. Lower the rate, lengthen the warm-up, or clip the gradients.`);
  model.zeroGrad(); // also what the optimizer does not hold: nobody else would
  backward(loss);
  return { loss: value, accuracy: rightAnswers(logits, labels.data) / size };
}

function refuseNonFinite(step: number, gradients: readonly MeasuredGradient[], more: string = ""): void {
  const found = gradients.findLast(({ gradNorm, skipped }) => skipped === null && !Number.isFinite(gradNorm));
  if (found) throw new NonFiniteGradientError(step, found, `the norm of the gradient of ${found.name} is ${found.gradNorm} in step ${step}. Lower the rate, lengthen the warm-up, or look at what follows ${found.name}.${more}`);
}

/** A step looks at the loss before its update: of what the last update did, only the model and its evaluation tell. */
function nonFiniteAfter(step: number, model: Module, tested: Evaluation | null): string | null {
  const numbers = [...model.parameters(), ...model.namedBuffers().map(({ name, buffer }) => ({ name, data: buffer.data }))];
  const broken = numbers.find(({ data }) => !data.every(Number.isFinite));
  if (broken) return `${broken.name} holds a number that is not finite after step ${step}`;
  return tested === null || Number.isFinite(tested.loss) ? null : `the test loss is ${tested.loss} after step ${step}`;
}

/** One number that is not finite makes all clipped ones so. Where it began shows in the gradients once more, before clipping. */
function clippedNonFinite(options: FitOptions, trained: RunPlan["trained"], batch: Batch, step: number, total: number): NonFiniteGradientError {
  lossAndGradients(options, batch, step, { updateStatistics: false });
  refuseNonFinite(step, trained.map(({ name, layer, grad }) => ({ name, layer, gradNorm: grad === null ? 0 : norm(grad), skipped: null })));
  return new NonFiniteGradientError(step, null, `the norm of all gradients is ${total} in step ${step}. Lower the rate or lengthen the warm-up.`);
}

/** Where the loss broke, as part of a sentence. */
function originOf(loss: Tensor): string {
  const origin = findNonFinite(loss);
  if (origin === null) return "";
  const place = { parameter: "the parameter", constant: "a constant input of", result: "the result of" }[origin.what];
  return `; the first numbers that are not finite are in ${place} ${origin.name}`;
}
