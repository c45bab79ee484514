// How lines are told apart, in colour and without. Charts, legends and the zoomable chart take their styles from here.

export interface LineStyle {
  /** A custom property of the page's style sheet, or a mix of two: light and dark pages have other colours. */
  readonly stroke: string;
  /** Lengths of dashes and gaps; empty for a solid line. */
  readonly dash: readonly number[];
}

/** Of the style sheet: --arm-0 and so on. */
const COLOURS = 8;
const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 2.5], [9, 3, 2, 3], [13, 4], [5, 2, 1.5, 2, 1.5, 2], [1, 3.5]];

/** 8 colours and 7 dash patterns have no common divisor, so that 56 arms all differ, and the ninth is no copy of the first. */
export const armStyle = (index: number): LineStyle => ({ stroke: `var(--arm-${index % COLOURS})`, dash: DASHES[index % DASHES.length] });

/** From the first layer to the last along one ramp, since their order is what the question is about. */
export const layerStyle = (index: number, count: number): LineStyle => ({
  stroke: `color-mix(in oklch, var(--layer-last) ${Math.round((100 * index) / Math.max(1, count - 1))}%, var(--layer-first))`,
  dash: DASHES[index % DASHES.length],
});

export const dashArray = ({ dash }: Pick<LineStyle, "dash">): string => (dash.length === 0 ? "none" : dash.join(" "));
