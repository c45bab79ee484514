// Watches what each parameter gets. The training loss tells that a run broke; this tells which parameter's rate broke it.
import type { StepRecord } from "@llr/optim";

/** A step is large when ‖Δw‖ exceeds this share of ‖w‖. Healthy runs of LeNet-5 stay below it in all but a few steps. */
const LARGE_STEP = 0.1;
/** A parameter's rate is far above its layer's when it exceeds this multiple of it. */
const RATE_MULTIPLE = 10;
/** Steps in a row before anything is reported. The compared arms reach 6 in healthy runs, and 21 to 523 in one that broke. */
const PATIENCE = 20;
/**
 * A parameter that starts at 0 is judged after this many steps: a random walk from 0 has the norm √t steps long, so that each
 * step exceeds a tenth of it until t = 100.
 */
const FROM_ZERO = 100;

/** A rate that harms: the parameter, and its longest unbroken run of such steps. */
export interface RateWarning {
  /**
   * `largeStep`: ‖Δw‖ above a tenth of ‖w‖. `rateAboveLayer`: a rate above ten times that of the layer's largest parameter.
   */
  readonly kind: "largeStep" | "rateAboveLayer";
  readonly parameter: string;
  readonly layer: string;
  /** First step of the longest unbroken run, counted from 1, and its length. */
  readonly fromStep: number;
  readonly steps: number;
  /** Largest value in that run: of ‖Δw‖ / ‖w‖, or of the parameter's rate over its layer's. */
  readonly worst: number;
}

export interface RateWatch {
  /** To be called with every step's records. */
  observe(step: number, records: readonly StepRecord[]): void;
  /** Of each parameter and kind at most one, in the order of the parameters. */
  warnings(): RateWarning[];
}

/** Steps in a row for which something held. */
interface Streak {
  from: number;
  steps: number;
  worst: number;
}

/** The present and the longest streak of one kind for one parameter. */
interface Streaks {
  readonly kind: RateWarning["kind"];
  present: Streak;
  longest: Streak;
}

interface Watched {
  readonly layer: string;
  /** The largest parameter of its layer: its rate is the layer's. */
  readonly isLargest: boolean;
  readonly largeStep: Streaks;
  readonly rateAboveLayer: Streaks;
  judgedFrom: number;
}

/**
 * Watches every parameter's relative step and its rate beside that of its layer.
 *
 * A parameter is reported when, 20 steps in a row, ‖Δw‖ > ‖w‖ / 10, or its rate is more than 10 times the rate of the largest
 * parameter of its layer. Both happen where a rule exempts biases from a layer rate that is small by construction: LARS at
 * lr = 10 gives weights 0.01 to 0.1 and exempt biases 10.
 *
 * @param parameters those of the model, in its order; `size` is the number of values. Records of others are passed over.
 * @example
 * import { lars } from "@llr/optim";
 * import { rateWatch } from "@llr/train";
 * const layer = [["fc.weight", [2, 2]], ["fc.bias", [2]]].map(([name, shape]) => {
 *   const size = shape.reduce((a, b) => a * b);
 *   return { name, shape, layer: "fc", size, data: new Float64Array(size).fill(1), grad: new Float64Array(size).fill(0.1) };
 * });
 * const optimizer = lars(layer, { lr: 10, momentum: 0 }); // exempts the bias from the layer rate
 * const watch = rateWatch(layer);
 * for (let step = 1; step <= 20; step++) watch.observe(step, optimizer.step());
 * watch.warnings().map((w) => [w.kind, w.parameter, w.steps]) // => [["rateAboveLayer", "fc.bias", 20]]
 */
export function rateWatch(parameters: readonly { readonly name: string; readonly layer?: string; readonly size: number }[]): RateWatch {
  const largest = new Map<string, number>();
  for (const { name, layer = name, size } of parameters) largest.set(layer, Math.max(size, largest.get(layer) ?? 0));
  const watched = new Map<string, Watched>();
  for (const { name, layer = name, size } of parameters) {
    const isLargest = largest.get(layer) === size;
    if (isLargest) largest.delete(layer); // of equal ones the first
    watched.set(name, { layer, isLargest, largeStep: noStreaks("largeStep"), rateAboveLayer: noStreaks("rateAboveLayer"), judgedFrom: 1 });
  }
  const rateOfLayer = new Map<string, number>();

  return {
    observe(step, records) {
      rateOfLayer.clear();
      for (const { name, rate, skipped } of records) {
        const parameter = watched.get(name);
        if (parameter?.isLargest && skipped === null) rateOfLayer.set(parameter.layer, rate);
      }
      for (const { name, weightNorm, updateNorm, rate, skipped } of records) {
        const parameter = watched.get(name);
        if (parameter === undefined) continue;
        if (weightNorm === 0 && step >= parameter.judgedFrom) parameter.judgedFrom = step + FROM_ZERO;
        const isJudged = skipped === null && step >= parameter.judgedFrom;
        note(parameter.largeStep, step, isJudged ? updateNorm / weightNorm : 0, LARGE_STEP);
        note(parameter.rateAboveLayer, step, skipped === null ? rate / (rateOfLayer.get(parameter.layer) ?? NaN) : 0, RATE_MULTIPLE);
      }
    },
    warnings: () =>
      [...watched].flatMap(([name, { layer, largeStep, rateAboveLayer }]) =>
        [largeStep, rateAboveLayer]
          .filter(({ longest }) => longest.steps >= PATIENCE)
          .map(({ kind, longest }) => ({ kind, parameter: name, layer, fromStep: longest.from, steps: longest.steps, worst: longest.worst })),
      ),
  };
}

const noStreaks = (kind: RateWarning["kind"]): Streaks => ({ kind, present: { from: 0, steps: 0, worst: 0 }, longest: { from: 0, steps: 0, worst: 0 } });

/** Extends the present streak while the value exceeds the bound. NaN, the quotient of two rates of 0, exceeds nothing. */
function note(streaks: Streaks, step: number, value: number, bound: number): void {
  if (!(value > bound)) {
    if (streaks.present.steps > 0) streaks.present = { from: 0, steps: 0, worst: 0 };
    return;
  }
  const { present } = streaks;
  if (present.steps === 0) present.from = step;
  present.steps++;
  present.worst = Math.max(present.worst, value);
  if (present.steps > streaks.longest.steps) streaks.longest = present;
}

/** A warning in a sentence: "fc3.bias moved by more than a tenth of its norm in 523 steps in a row (from step 92; at most 6.6 times its norm)." */
export function describeRateWarning({ kind, parameter, layer, fromStep, steps, worst }: RateWarning): string {
  const most = Number.isFinite(worst) ? `at most ${Number(worst.toPrecision(2))} times` : "without bound:";
  const where = (what: string): string => `in ${steps} steps in a row (from step ${fromStep}; ${most} ${what})`;
  if (kind === "largeStep") return `${parameter} moved by more than a tenth of its norm ${where("its norm")}.`;
  return `${parameter} had more than ten times the rate of ${layer}'s largest parameter ${where("that rate")}.`;
}
