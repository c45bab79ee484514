/** What a training loss did so far. A spike is a divergence that came back: the thread's #31 and #36 tell them apart. */
export type Verdict = "stable" | "spike" | "diverged" | "nonFinite";

export interface DivergenceOptions {
  /** Weight of the past in the smoothed loss. Default 0.98. */
  readonly smoothing?: number;
  /** The smoothed loss counts as high above this multiple of its best value. Default 4. */
  readonly factor?: number;
  /** Steps before anything counts. Default 10. */
  readonly warmup?: number;
  /** High steps in a row before the run counts as diverging. Default 10. */
  readonly patience?: number;
}

/** Watches the training loss. */
export interface DivergenceDetector {
  /** To be called with every step's loss; says whether the run is diverging now. */
  observe(loss: number): boolean;
  /** Verdict over all losses observed. */
  verdict(): Verdict;
  /** Bias-corrected exponential average of the losses; NaN before the first. */
  readonly smoothed: number;
}

/**
 * The rule of fastai's early stop, on the training loss: it is high when its bias-corrected exponential average exceeds
 * `factor` times its best value so far, after `warmup` steps. High for `patience` steps in a row and above its first value at
 * the end is `diverged`, even if it came down from its height; high and back below is `spike`; a loss that is NaN or infinite
 * is `nonFinite`.
 *
 *     average_t = (1 - s) sum over i of s^(t-i) loss_i / (1 - s^t)
 *
 * @example
 * import { divergenceDetector } from "@llr/train";
 * const detector = divergenceDetector();
 * for (let t = 0; t < 50; t++) detector.observe(1 / (t + 1)); // learns
 * detector.verdict() // => "stable"
 * for (let t = 0; t < 50; t++) detector.observe(2 ** t); // and explodes
 * detector.verdict() // => "diverged"
 */
export function divergenceDetector({ smoothing = 0.98, factor = 4, warmup = 10, patience = 10 }: DivergenceOptions = {}): DivergenceDetector {
  let steps = 0;
  let average = 0;
  let smoothed = NaN;
  let first = NaN;
  let best = Infinity;
  let highInARow = 0;
  let crossed = false;
  let stayed = false;
  let broken = false;

  return {
    observe(loss) {
      if (!Number.isFinite(loss)) broken = true;
      if (broken) return true;
      steps++;
      average = smoothing * average + (1 - smoothing) * loss;
      // Not smoothing ** steps: Math.pow rounds differently from one version of V8 to another.
      smoothed = average / (1 - Math.exp(steps * Math.log(smoothing)));
      if (steps === 1) first = smoothed;
      best = Math.min(best, smoothed);
      highInARow = steps > warmup && smoothed > factor * best ? highInARow + 1 : 0;
      crossed ||= highInARow > 0;
      stayed ||= highInARow >= patience;
      return highInARow >= patience;
    },
    verdict() {
      if (broken) return "nonFinite";
      if (stayed && smoothed > first) return "diverged";
      return crossed ? "spike" : "stable";
    },
    get smoothed() {
      return smoothed;
    },
  };
}
