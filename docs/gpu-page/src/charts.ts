// The two curves, drawn by uPlot in the colours of the page.
import uPlot from "uplot";

export const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const HEIGHT = 260;

/** 0.01, but 1e-5. */
export const brief = (x: number, digits = 3): string => (x !== 0 && Math.abs(x) < 1e-3 ? x.toExponential(digits - 1) : String(Number(x.toPrecision(digits))));

export interface Curve {
  add(...row: readonly number[]): void;
  clear(mostSteps: number): void;
  draw(): void;
}

/** Round numbers: more of each decade, the fewer decades are drawn. */
function logTicks(from: number, to: number): number[] {
  const [low, high] = [Math.floor(Math.log10(from)), Math.ceil(Math.log10(to))];
  const steps = to / from < 8 ? [1, 1.5, 2, 3, 4, 5, 7] : to / from < 1000 ? [1, 2, 5] : [1];
  return Array.from({ length: high - low + 1 }, (_, i) => low + i).flatMap((decade) => steps.map((step) => step * 10 ** decade)).filter((x) => x >= from && x <= to);
}

/** @param isDown whether the larger values stand below */
function curve(target: HTMLElement, label: string, series: () => uPlot.Series[], tick: (value: number) => string, isDown = false): Curve {
  let columns: number[][] = [];
  let steps = 1;
  let plot: uPlot | null = null;
  const width = (): number => Math.max(200, target.clientWidth);
  const build = (): void => {
    const line = { stroke: colour("--text"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
    plot?.destroy();
    plot = new uPlot({
      width: width(), height: HEIGHT, legend: { live: false }, cursor: { show: false },
      scales: { x: { time: false, range: () => [0, steps] }, y: { distr: 3, dir: isDown ? -1 : 1, range: (_, low, high) => [0.85 * (low ?? 0.1), (high ?? 1) / 0.85] } },
      axes: [{ ...line, label: "step", labelSize: 20 }, { ...line, label, labelSize: 20, size: 52, splits: (_, __, from, to) => logTicks(from, to), filter: (_, ticks) => ticks, values: (_, ticks) => ticks.map((t) => (t === null ? "" : tick(t))) }],
      series: [{ label: "step" }, ...series()],
    }, columns as unknown as uPlot.AlignedData, target);
  };
  const clear = (mostSteps: number): void => {
    steps = mostSteps;
    columns = [[], ...series().map(() => [])];
    build();
  };
  clear(1000);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", build);
  new ResizeObserver(() => plot?.setSize({ width: width(), height: HEIGHT })).observe(target);
  return {
    add: (...row) => row.forEach((value, i) => columns[i].push(value)),
    clear,
    draw: () => plot?.setData(columns as unknown as uPlot.AlignedData),
  };
}

/** Rows of step, loss, running average. */
export const lossCurve = (target: HTMLElement): Curve =>
  curve(target, "training loss", () => [
    { label: "batch", stroke: `color-mix(in srgb, ${colour("--arm-0")} 45%, transparent)`, width: 1 },
    { label: "running average", stroke: colour("--arm-1"), width: 2 },
  ], brief);

/** Rows of step and accuracy; the axis is a log axis of the error, upside down, for good accuracies differ near 100 %. */
export function accuracyCurve(target: HTMLElement, smallestError: () => number): Curve {
  const inner = curve(target, "test accuracy, %", () => [{ label: "accuracy", stroke: colour("--arm-2"), width: 2, points: { show: true, size: 5, fill: colour("--arm-2") } }],
    (error) => String(Number((100 * (1 - error)).toFixed(2))), true);
  return { ...inner, add: (step, accuracy) => inner.add(step, Math.max(smallestError(), 1 - accuracy)) };
}
