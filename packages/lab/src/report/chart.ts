// Charts as static SVG: they need no script, print sharp, and take their colours from the page (light or dark).
import { parseHTML } from "linkedom";
import * as Plot from "@observablehq/plot";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

export interface ChartOptions extends Omit<Plot.PlotOptions, "document" | "ariaLabel"> {
  /** What a screen reader says instead of the picture. */
  readonly label: string;
}

/** An SVG element as text. */
export function chart({ label, ...options }: ChartOptions): string {
  const svg = Plot.plot({ marginTop: 24, marginRight: 16, marginBottom: 36, ...options, document: document as never, ariaLabel: label }) as unknown as { outerHTML: string; setAttribute(name: string, value: string): void };
  svg.setAttribute("role", "img");
  return svg.outerHTML.replaceAll(LONG_NUMBER, (x) => String(Number(Number(x).toFixed(1))));
}

/** Pixels with more than one decimal: half of the file, and nobody sees them. */
const LONG_NUMBER = /(?<![\w.#-])-?\d+\.\d{2,}(?![\w.])(?=[^<>]*>)/g;

/** How a line is told from others, in colour and without. The colours are custom properties of the page's style sheet. */
export interface LineStyle {
  readonly stroke: string;
  readonly strokeDasharray: string;
}

const DASHES = ["none", "6 3", "2 2", "8 3 2 3", "12 4", "4 2 1 2 1 2", "1 3"];

export const armStyle = (index: number): LineStyle => ({ stroke: `var(--arm-${index % 8})`, strokeDasharray: DASHES[index % DASHES.length] });

/** From the first layer to the last along one ramp, since their order is what the question is about. */
export const layerStyle = (index: number, count: number): LineStyle => ({
  stroke: `color-mix(in oklch, var(--layer-last) ${Math.round((100 * index) / Math.max(1, count - 1))}%, var(--layer-first))`,
  strokeDasharray: DASHES[index % DASHES.length],
});

export interface Series {
  readonly name: string;
  readonly style: LineStyle;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** One mark a line, because a dash pattern belongs to a mark. What a log scale cannot show (0, NaN) interrupts the line. */
export function lineMarks(series: readonly Series[], { log = false, dots = false }: { readonly log?: boolean; readonly dots?: boolean } = {}): Plot.Markish[] {
  return series.flatMap(({ name, style, points }) => {
    const data = points.map(({ x, y }) => ({ x, y: Number.isFinite(y) && (!log || y > 0) ? y : NaN }));
    const line = Plot.lineY(data, { x: "x", y: "y", z: null, ...style, strokeWidth: 1.5, ariaLabel: () => name });
    return dots ? [line, Plot.dot(data, { x: "x", y: "y", fill: style.stroke, r: 2.5, title: (d: { x: number; y: number }) => `${name}, step ${d.x}: ${Number(d.y.toPrecision(4))}` })] : [line];
  });
}

/** Whether there is anything to draw: a scale needs one finite point. */
export const hasPoints = (series: readonly Series[], log = false): boolean => series.some(({ points }) => points.some(({ y }) => Number.isFinite(y) && (!log || y > 0)));

/** 0.01, but 1e-5: zeros are not counted by anyone. */
export const tickLabel = (x: number): string => (x !== 0 && Math.abs(x) < 1e-3 ? x.toExponential(0) : String(Number(x.toPrecision(3))));

/** The style sheet that Plot puts into every picture: always the same. */
export const plotStyle = (): string => /<style>([^<]*)<\/style>/.exec(chart({ label: "", marks: [] }))?.[1] ?? "";
