import { ArgumentError } from "@llr/tensor";
import { checkKeys } from "./optionKeys.ts";
import type { Verdict } from "./verdict.ts";

export interface DivergenceOptions {
  /** Weight of the past in the average, 0 <= smoothing < 1. Default 0.98. */
  readonly smoothing?: number;
  /** The loss counts as high above this multiple of its best average, > 1. Default 4. */
  readonly factor?: number;
  /** Steps before a rise counts; a run that is not longer is too short to judge. Default 10. */
  readonly warmup?: number;
  /** High steps in a row before the run counts as diverging; steps without a gradient before it counts as dead. Default 10. */
  readonly patience?: number;
  /** Loss of a model that knows nothing, > 0: of a classifier `labelEntropy(labels)`. Without it only gradients tell a dead run. */
  readonly priorLoss?: number | undefined;
}

/** Watches the training loss. */
export interface DivergenceDetector {
  /**
   * To be called with every step's loss; says whether the run is diverging now.
   *
   * @param gradNorm norm of all gradients together; left out, it is not judged
   */
  observe(loss: number, gradNorm?: number): boolean;
  /** Verdict over all losses observed. */
  verdict(): Verdict;
  /** Bias-corrected exponential average of the losses; NaN before the first. */
  readonly smoothed: number;
}

/** The end of a run: its last losses, of a short run the second half. */
const END = 25;
/** Share of the prior's loss by which a mean of so many losses may be below it by chance: of ten classes, in batches of 16, by half as much. */
const MARGIN = 0.02;
/** Up to this multiple of the prior's loss a model that had exploded counts as one that knows nothing, not as diverged. */
const NEAR_PRIOR = 2;
/** Losses below this share of the prior's (or else of the first) count as this share: multiples of almost nothing mean nothing. */
const FLOOR = 1e-3;
/** Rounding in float32 alone moves a cross-entropy by as much. */
const LEAST_FLOOR = 1e-6;

/**
 * Watches a training loss by fastai's rule for stopping early, and says what became of it (`VERDICT_WORDS` has it in words).
 *
 *     average_t = (1 - s) sum over i of s^(t-i) loss_i / (1 - s^t),   best = its least value so far
 *     high(x)   = x > best + (factor - 1) max(best, floor),           floor = max(0.001 priorLoss, 10^-6)
 *
 * A step is high if its loss and the average are: a single large loss lifts the average for long, and is no divergence. A run
 * is diverging after `patience` high steps in a row. The first `warmup` steps are not judged. A loss that falls below 0 has
 * no meaningful multiples; it is high above its first value. Without `priorLoss` the floor follows the first loss.
 *
 * With E the mean of the last 25 losses (of the second half, in shorter runs), the verdict is the first of these that holds:
 *
 *     nonFinite       a loss was NaN or infinite
 *     diverged        high(E) and E > the first loss, unless 0.98 priorLoss <= E <= 2 priorLoss
 *     tooShort        no more than `warmup` steps
 *     collapsed       E >= 0.98 priorLoss, or E > floor and the last `patience` gradients are 0; but once, after the warm-up,
 *                     the mean over as many losses was below 0.98 priorLoss (without it: 2 % below the first loss)
 *     neverLearned    the same, but it never was
 *     spike           a step was high
 *     stable          otherwise
 *
 * @throws ArgumentError for an option outside its range
 * @example
 * import { divergenceDetector, labelEntropy } from "@llr/train";
 * const detector = divergenceDetector({ priorLoss: labelEntropy([0, 1, 2, 3]) });
 * for (let t = 0; t < 50; t++) detector.observe(1 / (t + 1)); // learns
 * detector.verdict() // => "stable"
 * for (let t = 0; t < 50; t++) detector.observe(1.4); // and answers the same to every image from then on
 * detector.verdict() // => "collapsed"
 * for (let t = 0; t < 50; t++) detector.observe(2 ** t); // and explodes
 * detector.verdict() // => "diverged"
 */
export function divergenceDetector(options: DivergenceOptions = {}): DivergenceDetector {
  const { smoothing = 0.98, factor = 4, warmup = 10, patience = 10, priorLoss } = options;
  checkKeys("divergenceDetector", options, { smoothing: true, factor: true, warmup: true, patience: true, priorLoss: true });
  checkOptions(options);
  const end = new Float64Array(END);
  let steps = 0;
  let average = 0;
  let smoothed = NaN;
  let first = NaN;
  let best = Infinity;
  /** The lowest mean of the last losses after the warm-up: a single first batch may be below the prior's loss by chance. */
  let lowestMean = Infinity;
  let lowest = Infinity;
  let highInARow = 0;
  let zeroGradientsInARow = 0;
  let crossed = false;
  let broken = false;

  const floor = (): number => Math.max(LEAST_FLOOR, FLOOR * (priorLoss ?? Math.abs(first)));
  const isHigh = (x: number): boolean => (lowest < 0 ? x > first : x > best + (factor - 1) * Math.max(best, floor()));
  const meanOfEnd = (): number => {
    const count = Math.min(END, Math.ceil(steps / 2));
    let sum = 0;
    for (let i = 1; i <= count; i++) sum += end[(steps - i) % END];
    return sum / count;
  };
  const knowsNothing = (mean: number, reference: number): boolean => mean >= reference - MARGIN * Math.abs(reference);

  return {
    observe(loss, gradNorm) {
      if (!Number.isFinite(loss)) broken = true;
      if (broken) return true;
      end[steps % END] = loss;
      steps++;
      average = smoothing * average + (1 - smoothing) * loss;
      // Not smoothing ** steps: Math.pow rounds differently from one version of V8 to another.
      smoothed = average / (1 - Math.exp(steps * Math.log(smoothing)));
      if (steps === 1) first = loss;
      best = Math.min(best, smoothed);
      if (steps > warmup) lowestMean = Math.min(lowestMean, meanOfEnd());
      lowest = Math.min(lowest, loss);
      highInARow = steps > warmup && isHigh(loss) && isHigh(smoothed) ? highInARow + 1 : 0;
      zeroGradientsInARow = gradNorm === 0 ? zeroGradientsInARow + 1 : 0;
      crossed ||= highInARow > 0;
      return highInARow >= patience;
    },
    verdict() {
      if (broken) return "nonFinite";
      const ended = meanOfEnd();
      const atPrior = priorLoss !== undefined && knowsNothing(ended, priorLoss);
      if (isHigh(ended) && ended > first && !(atPrior && ended <= NEAR_PRIOR * priorLoss)) return "diverged";
      if (steps <= warmup) return "tooShort";
      const stuck = zeroGradientsInARow >= patience && ended > floor();
      if (atPrior || stuck) return knowsNothing(lowestMean, priorLoss ?? first) ? "neverLearned" : "collapsed";
      return crossed ? "spike" : "stable";
    },
    get smoothed() {
      return smoothed;
    },
  };
}

function checkOptions({ smoothing = 0, factor = 2, warmup = 0, patience = 1, priorLoss = 1 }: DivergenceOptions): void {
  const refuse = (name: string, value: unknown, needs: string): never => {
    throw new ArgumentError("divergenceDetector", `${name} is ${String(value)}. It must be ${needs}.`);
  };
  if (!(smoothing >= 0 && smoothing < 1)) refuse("smoothing", smoothing, "a number >= 0 and < 1");
  if (!(factor > 1 && factor < Infinity)) refuse("factor", factor, "a finite number > 1");
  if (!Number.isInteger(warmup) || warmup < 0) refuse("warmup", warmup, "an integer >= 0");
  if (!Number.isInteger(patience) || patience < 1) refuse("patience", patience, "a positive integer");
  if (!(priorLoss > 0 && priorLoss < Infinity)) refuse("priorLoss", priorLoss, "a finite number > 0: labelEntropy of the training labels");
}
