import { colourScale, coloursOf, heatMap, labelRoom, noRateSample } from "../charts/heatMap.ts";
import { type ArmRun, layersOf } from "../comparison.ts";
import { escapeHtml, figure, table } from "../html.ts";
import { course, MOMENTS, relativeRates } from "../layerTables.ts";
import type { Section } from "./section.ts";

const AT = `at ${MOMENTS.map((m) => `${100 * m} %`).join(" → ")} of the training (medians of the steps around; one number where all are alike; – where there was no rate)`;

export const rates: Section = {
  id: "rates", heading: "Every layer's rate through training", short: "Every layer's rate",
  body({ arms }) {
    const drawn = arms.filter((arm) => arm.layers.steps.length > 0);
    const colours = coloursOf(drawn);
    if (colours === null) return `<p class="empty">No layer's rate was recorded.</p>`;
    const room = labelRoom(drawn);
    const maps = drawn.map((arm) => `<div><h3>${escapeHtml(arm.label)}</h3>${figure(heatMap(arm, colours, room), [], { name: `rates-${arm.name}`, table: "parameters", columns: ["rate"], arm: arms.indexOf(arm) })}</div>`);
    return [
      `<p>A row is a layer, first layer on top: the rate of its weights. A parameter that got another rate than its layer's weights has a row below it. A column is one step, picked, not averaged: point at it for the recorded number. All arms share the colours. AdamW divides each step by the gradient's size, so that its rates are not comparable with the others.</p>`,
      `<div class="colours"><div id="rate-colours">${colourScale(colours)}<p>rate</p></div><p>${noRateSample()} no rate: a norm was 0 (zeroNorm), or the parameter was skipped</p></div>`,
      `<div class="pair maps">${maps.join("\n")}</div>`,
      layerTable(drawn), otherTable(drawn),
    ].join("\n");
  },
};

function layerTable(arms: readonly ArmRun[]): string {
  const layers = layersOf(arms[0].layers).map((l) => l.layer);
  const rows = arms.map((arm) => {
    const { ratios } = relativeRates(arm);
    return [arm.label, ...layers.map((layer) => course(ratios.get(layer) ?? []))];
  });
  return table(["arm", ...layers], rows, `A layer's rate over the geometric mean of all layers' rates, ${AT}: above 1, the layer gets more than the others`);
}

function otherTable(arms: readonly ArmRun[]): string {
  const rows = arms.flatMap((arm) => [...relativeRates(arm).others].map(([parameter, numbers]) => [parameter, course(numbers), arm.label]));
  if (rows.length === 0) return "<p>In every arm, all parameters of a layer got the same rate.</p>";
  return table(["parameter", "times its layer's rate", "arm"], rows, `Parameters that got another rate than their layer's weights: how many times as much, ${AT}. All others got their layer's rate`);
}
