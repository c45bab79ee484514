// Charts as static SVG: they need no script, print sharp, and take their colours from the page (light or dark).
import { parseHTML } from "linkedom";
import * as Plot from "@observablehq/plot";
import { escapeHtml } from "./html.ts";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

export interface ChartOptions extends Omit<Plot.PlotOptions, "document" | "ariaLabel"> {
  /** What a screen reader says instead of the picture. */
  readonly label: string;
  /** SVG elements put before all others: patterns that marks refer to. */
  readonly definitions?: string;
}

/** In units of the SVG. The style sheet enlarges it where a large chart is scaled down to a narrow screen. */
const FONT_SIZE = 12;

/** An SVG element as text. */
export function chart({ label, definitions = "", ...options }: ChartOptions): string {
  const { outerHTML } = Plot.plot({ marginTop: 28, marginRight: 18, marginBottom: 44, ...options, document: document as never }) as unknown as { readonly outerHTML: string };
  const body = outerHTML
    .slice(outerHTML.indexOf(">") + 1)
    .replace(PLOTS_STYLE, "") // the page has it once
    // The picture has one name, for all its parts: a part without a role may have none.
    .replaceAll(/ aria-hidden="true"/g, "")
    .replaceAll(/ aria-(?:label|description)="/g, ' data-name="')
    .replaceAll(LONG_NUMBER, (x) => String(Number(Number(x).toFixed(1))));
  const opening = outerHTML.slice(0, outerHTML.indexOf(">") + 1).replace(/ font-size="\d+"/, ` font-size="${FONT_SIZE}"`);
  return `${opening.replace("<svg", `<svg role="img" aria-label="${escapeHtml(label)}"`)}${definitions}${body}`;
}

const PLOTS_STYLE = /<style>[^]*?<\/style>/;
/** Pixels with more than one decimal: half of the file, and nobody sees them. */
const LONG_NUMBER = /(?<![\w.#-])-?\d+\.\d{2,}(?![\w.])(?=[^<>]*>)/g;
