// Charts of all arms, a line an arm.
import { accuracyAxis, type Axis, linearAxis, logAxis, secondsAxis, stepAxis } from "../axes.ts";
import type { ArmRun, Comparison } from "../comparison.ts";
import { thin } from "../comparison.ts";
import { armStyle } from "../lineStyle.ts";
import { lastOf, lineChart, type Picture, type Point, type Series, valuesOf } from "../lineChart.ts";
import { RUN_QUANTITIES, type RunQuantity, runSeries } from "../runSeries.ts";
import { listed } from "../text.ts";

export interface ArmChart {
  /** Of the files in which it is saved. */
  readonly name: string;
  readonly caption: string;
  /** Columns of the page's data that the saved CSV file holds. */
  readonly table: "run" | "tests";
  readonly columns: readonly string[];
  draw(comparison: Comparison): Picture;
}

/** Points of a line: more than a screen has pixels for are left out. */
const MOST_POINTS = 400;

const ofArms = (arms: readonly ArmRun[], points: (arm: ArmRun) => Point[]): Series[] => arms.map((arm, i) => ({ name: arm.label, style: armStyle(i), points: points(arm) }));

function courseOf(arm: ArmRun, quantity: RunQuantity, over: "step" | "seconds", value: (y: number) => number = (y) => y): Point[] {
  const series = runSeries(arm);
  return thin(series.step.length, MOST_POINTS).map((i) => ({ x: series[over][i], y: value(series[quantity][i]) })).filter(({ x }) => Number.isFinite(x));
}

const along = { step: stepAxis, seconds: secondsAxis };

function courses({ arms }: Comparison, quantity: RunQuantity, label: string, over: "step" | "seconds", axis: (values: readonly number[], series: readonly Series[]) => Axis): Picture {
  const series = ofArms(arms, (arm) => courseOf(arm, quantity, over));
  return lineChart({ label, series, x: along[over](lastOf(series)), y: axis(valuesOf(series), series) });
}

/** A loss that explodes would press all others flat: the axis ends at a few times where the arms began. */
const LOSS_ABOVE_START = 4;
const lossAxis = (values: readonly number[], series: readonly Series[]): Axis =>
  logAxis(RUN_QUANTITIES.smoothedLoss, values, { upTo: LOSS_ABOVE_START * Math.max(...series.map(({ points }) => points[0]?.y ?? 0).filter(Number.isFinite)) });

const lossChart = (over: "step" | "seconds", words: string): ArmChart => ({
  name: over === "step" ? "training-loss" : "training-loss-over-seconds", table: "run", columns: [over, "loss", "smoothedLoss"],
  caption: `Training loss${words}, averaged over about the last 50 batches.`,
  draw: (comparison) => courses(comparison, "smoothedLoss", `Training loss of the arms${words}`, over, lossAxis),
});

const testChart = (over: "step" | "seconds", words: string): ArmChart => ({
  name: over === "step" ? "test-accuracy" : "test-accuracy-over-seconds", table: "tests", columns: [over, "accuracy", "loss"],
  caption: `Test accuracy${words}. The axis is stretched towards 100 %.`,
  draw({ arms, manifest }) {
    const least = leastError(manifest.config.testImages);
    const at = (arm: ArmRun, step: number): number => (over === "step" ? step : (arm.secondsAtStep[step - 1] ?? NaN));
    const series = ofArms(arms, (arm) => arm.tests.map(({ step, test }) => ({ x: at(arm, step), y: Math.max(least, 1 - test.accuracy) })).filter(({ x }) => Number.isFinite(x)));
    return lineChart({ label: `Test accuracy of the arms${words}`, series, x: along[over](lastOf(series)), y: accuracyAxis("test accuracy, %", valuesOf(series)), dots: true });
  },
});

/** A log axis has no 0: no error at all is drawn as half a wrong answer. */
const leastError = (images: number): number => 0.5 / images;

export const trainingLoss: ArmChart = lossChart("step", "");
export const trainingLossOverSeconds: ArmChart = lossChart("seconds", " over seconds");
export const testAccuracy: ArmChart = testChart("step", "");
export const testAccuracyOverSeconds: ArmChart = testChart("seconds", " over seconds");

export const trainingAccuracy: ArmChart = {
  name: "training-accuracy", table: "run", columns: ["step", "accuracy", "smoothedAccuracy"],
  caption: "Training accuracy: the share of each batch that was right before its step, averaged over about the last 50 batches.",
  draw({ arms, manifest }) {
    const least = leastError(manifest.config.batchSize * 50);
    const series = ofArms(arms, (arm) => courseOf(arm, "smoothedAccuracy", "step", (right) => Math.max(least, 1 - right)));
    return lineChart({ label: "Training accuracy of the arms", series, x: stepAxis(lastOf(series)), y: accuracyAxis("training accuracy, smoothed, %", valuesOf(series)) });
  },
};

/** Beyond, a gradient is that of a net which no longer learns, or of one that explodes. */
const GRADIENT_DECADES = 5;

export const gradientNorm: ArmChart = {
  name: "gradient-norm", table: "run", columns: ["step", "gradNorm", "smoothedGradNorm"],
  caption: "Norm of all gradients together, before clipping, averaged over about the last 50 batches.",
  draw: (comparison) => courses(comparison, "smoothedGradNorm", "Gradient norm of the arms", "step", (values) => logAxis(RUN_QUANTITIES.smoothedGradNorm, values, { decades: GRADIENT_DECADES, upTo: 1e4 * median(values) })),
};

const median = (values: readonly number[]): number => values.filter((y) => y > 0 && Number.isFinite(y)).sort((a, b) => a - b).at(values.length >> 1) ?? Infinity;

/** Decades that the axis of the schedules shows: AdamW's rate is a thousandth of LARS's. */
const SCHEDULE_DECADES = 6;

export const scheduledRate: ArmChart = {
  name: "scheduled-rate", table: "run", columns: ["step", "lr"],
  caption: "The scheduled rate, before any layer's own factor.",
  draw: (comparison) => courses(comparison, "lr", "The schedule's rate of each arm", "step", (values) => logAxis(RUN_QUANTITIES.lr, values, { decades: SCHEDULE_DECADES })),
};

export const scheduledMomentum: ArmChart = {
  name: "momentum", table: "run", columns: ["step", "momentum"],
  caption: "Momentum; for AdamW, the decay of its average of gradients (beta1).",
  draw({ arms }) {
    const all = ofArms(arms, (arm) => courseOf(arm, "momentum", "step"));
    // A momentum of 0 throughout is none, and would stretch the axis for the others.
    const isWithout = ({ points }: Series): boolean => points.length > 0 && points.every(({ y }) => !(y > 0));
    const series = all.filter((one) => !isWithout(one));
    const picture = lineChart({ label: "Momentum of each arm", series, x: stepAxis(lastOf(series)), y: linearAxis("momentum", valuesOf(series)) });
    const without = all.filter(isWithout).map((one) => one.name);
    return without.length === 0 ? picture : { ...picture, remarks: [...picture.remarks, `Without momentum, and not drawn: ${listed(without)}.`] };
  },
};
