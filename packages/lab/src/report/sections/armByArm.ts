import { LAYER_QUANTITIES, type LayerQuantity, layerLines } from "../charts/layerLines.ts";
import { layerLegend } from "../charts/legend.ts";
import { type ArmRun, layersOf } from "../comparison.ts";
import { escapeHtml, figure, table } from "../html.ts";
import { layerRows } from "../layerRows.ts";
import { limitShares, PARAMETER_HEADINGS, parameterRows } from "../layerTables.ts";
import type { Section } from "./section.ts";

const SHORT: Readonly<Record<LayerQuantity, string>> = { rate: "Rate.", trust: "Trust.", ratio: "Relative step." };

export const armByArm: Section = {
  id: "arms", heading: "Arm by arm", short: "Arm by arm",
  body({ arms }) {
    const drawn = arms.filter((arm) => arm.layers.steps.length > 0);
    const layers = drawn.length > 0 ? layersOf(drawn[0].layers).map((l) => l.layer) : [];
    return `<p>The rate of each layer, its trust (the rate over the scheduled one) and its relative step (how far a step moves the weights, over their size). A line is interrupted where there was no rate.</p>
${layerLegend(layers)}${drawn.map((arm) => article(arm, arms.indexOf(arm))).join("\n")}`;
  },
};

function article(arm: ArmRun, index: number): string {
  const settings = Object.entries({ "largest rate": arm.lr, ...arm.settings }).map(([key, value]) => `${key} ${value}`).join(", ");
  const hasOthers = layerRows(arm.layers).some((row) => row.name !== row.layer);
  return `<article aria-label="${escapeHtml(arm.label)}"><h3>${escapeHtml(arm.label)}</h3><p>${escapeHtml(arm.description)} <span class="settings">${escapeHtml(settings)}</span></p>
${triple(arm, index, "layers")}
${hasOthers ? `<p>Parameters that got another rate than their layer's weights, each in the colour of its layer:</p>${triple(arm, index, "others")}` : ""}
${limits(arm)}
<details><summary>Every parameter of ${escapeHtml(arm.label)} in numbers</summary>${table(PARAMETER_HEADINGS, parameterRows(arm), "Rate and relative step ‖Δw‖ / ‖w‖ of each parameter over all recorded steps, and the share of the steps without a rate")}</details></article>`;
}

function triple(arm: ArmRun, index: number, of: "layers" | "others"): string {
  const figures = (Object.keys(LAYER_QUANTITIES) as LayerQuantity[]).map((quantity) => {
    const { html, remarks } = layerLines(arm, quantity, of);
    return figure(html, [SHORT[quantity], ...remarks], { name: `${quantity}-${arm.name}${of === "others" ? "-others" : ""}`, table: "parameters", columns: [quantity], arm: index });
  });
  return `<div class="triple">${figures.join("\n")}</div>`;
}

function limits(arm: ArmRun): string {
  const shares = limitShares(arm);
  const reasons = [...new Set(shares.flatMap((l) => [...l.shares.keys()]))].sort();
  if (reasons.length === 0) return "";
  const rows = reasons.map((reason) => [reason, ...shares.map((l) => `${(100 * (l.shares.get(reason) ?? 0)).toFixed(0)} %`)]);
  return table(["limited by", ...shares.map((l) => l.name)], rows, "Share of the steps in which a layer did not get the rate its rule asked for, by what limited it");
}
