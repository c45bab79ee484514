// Lines over steps or seconds, and what a picture of lines cannot say: which of them coincide, and which leave the chart.
import * as Plot from "@observablehq/plot";
import { type Axis, tickLabel } from "./axes.ts";
import { chart } from "./chart.ts";
import { dashArray, type LineStyle } from "./lineStyle.ts";
import { listed } from "./text.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Series {
  readonly name: string;
  readonly style: LineStyle;
  readonly points: readonly Point[];
}

/** A chart with the sentences that belong below it. */
export interface Picture {
  /** SVG, or a paragraph that says why there is none. */
  readonly html: string;
  readonly remarks: readonly string[];
}

export interface LineChartOptions {
  readonly label: string;
  readonly series: readonly Series[];
  readonly x: Axis;
  readonly y: Axis;
  /** Whether each point is drawn as well: for few that stand far apart. */
  readonly dots?: boolean;
  readonly size?: "large" | "small";
}

const SIZES = { large: { width: 500, height: 310, marginLeft: 58 }, small: { width: 340, height: 230, marginLeft: 50 } } as const;

export function lineChart({ label, series, x, y, dots = false, size = "large" }: LineChartOptions): Picture {
  const log = y.type === "log";
  const drawn = series.filter(({ points }) => points.some((p) => Number.isFinite(p.y) && (!log || p.y > 0)));
  if (drawn.length === 0) return { html: `<p class="empty">Nothing was recorded.</p>`, remarks: [] };
  const html = chart({
    label, ...SIZES[size], marginRight: 22,
    x: { ...x, grid: true, labelArrow: "none", labelOffset: 38 }, y: { ...y, clamp: true, grid: true, labelArrow: "none" },
    marks: lineMarks(drawn, { log, dots }),
  });
  return { html, remarks: [...beyond(drawn, y), ...coinciding(drawn, y, SIZES[size].height)] };
}

export const valuesOf = (series: readonly Series[]): number[] => series.flatMap(({ points }) => points.map(({ y }) => y));
/** The largest x of all points; 0 without any. */
export const lastOf = (series: readonly Series[]): number => series.reduce((last, { points }) => Math.max(last, points.at(-1)?.x ?? 0), 0);

/** One mark a line, because a dash pattern belongs to a mark. What a log scale cannot show (0, NaN) interrupts the line. */
export function lineMarks(series: readonly Series[], { log = false, dots = false }: { readonly log?: boolean; readonly dots?: boolean } = {}): Plot.Markish[] {
  return series.flatMap(({ name, style, points }) => {
    const data = points.map(({ x, y }) => ({ x, y: Number.isFinite(y) && (!log || y > 0) ? y : NaN }));
    const line = Plot.lineY(data, { x: "x", y: "y", z: null, stroke: style.stroke, strokeDasharray: dashArray(style), strokeWidth: 1.8, ariaLabel: () => name });
    return dots ? [line, Plot.dot(data, { x: "x", y: "y", fill: style.stroke, r: 2.5, title: (p: Point) => `${name}, ${tickLabel(p.x)}: ${Number(p.y.toPrecision(4))}` })] : [line];
  });
}

/** Lines nearer than this to one another, in units of the chart, cannot be told apart. */
const ALIKE = 1.5;

/** "Alike, one line: A, B and C." for each group of lines that lie on one another. */
function coinciding(series: readonly Series[], { type, domain }: Axis, height: number): string[] {
  const scaled = type === "log" ? Math.log : (v: number): number => v;
  const [low, high] = domain.map(scaled);
  const position = (y: number): number => height * Math.min(1, Math.max(0, (scaled(y) - low) / (high - low)));
  const areAlike = (a: Series, b: Series): boolean =>
    a.points.length === b.points.length &&
    a.points.every((p, i) => {
      const q = b.points[i];
      const [up, uq] = [position(p.y), position(q.y)];
      return p.x === q.x && (Number.isNaN(up) ? Number.isNaN(uq) : Math.abs(up - uq) <= ALIKE);
    });
  const groups: Series[][] = [];
  for (const one of series) {
    const group = groups.find(([first]) => areAlike(first, one));
    if (group) group.push(one);
    else groups.push([one]);
  }
  return groups.filter((group) => group.length > 1).map((group) => (group.length === series.length && group.length > 2 ? "All alike, one line." : `Alike, one line: ${listed(group.map((s) => s.name))}.`));
}

/** "A rises to 1.2e25, beyond the upper edge." */
function beyond(series: readonly Series[], { type, domain }: Axis): string[] {
  if (type !== "log" || domain[0] > domain[1]) return [];
  return series.flatMap(({ name, points }) => {
    const most = points.reduce((largest, { y }) => (Number.isFinite(y) ? Math.max(largest, y) : largest), 0);
    return most > domain[1] * 1.0001 ? [`${name} rises to ${tickLabel(most)}, beyond the upper edge.`] : [];
  });
}
