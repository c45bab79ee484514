// Colours and dashes with their names.
import type { ArmRun } from "../comparison.ts";
import { escapeHtml } from "../html.ts";
import { armStyle, dashArray, layerStyle, type LineStyle } from "../lineStyle.ts";

interface Entry {
  readonly name: string;
  readonly style: LineStyle;
}

const sample = (style: LineStyle): string =>
  `<svg class="sample" width="40" height="10" aria-hidden="true"><line x1="1" x2="39" y1="5" y2="5" stroke="${style.stroke}" stroke-width="2.5" stroke-dasharray="${dashArray(style)}"/></svg>`;

const legend = (entries: readonly Entry[]): string => `<ul class="legend">${entries.map(({ name, style }) => `<li>${sample(style)} ${escapeHtml(name)}</li>`).join("")}</ul>`;

export const armLegend = (arms: readonly ArmRun[]): string => legend(arms.map(({ label }, i) => ({ name: label, style: armStyle(i) })));
export const layerLegend = (layers: readonly string[]): string => legend(layers.map((name, i) => ({ name, style: layerStyle(i, layers.length) })));
