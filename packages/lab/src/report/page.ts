// The report: one HTML file that needs nothing else, made of a comparison's logs alone.
import { modelLabels } from "../recipe.ts";
import { asset, library } from "./assets.ts";
import type { ArmRun, Comparison } from "./comparison.ts";
import { escapeHtml } from "./html.ts";
import { armByArm } from "./sections/armByArm.ts";
import { explorer } from "./sections/explorer.ts";
import { outcome } from "./sections/outcome.ts";
import { rates } from "./sections/rates.ts";
import { schedules } from "./sections/schedules.ts";
import type { Section } from "./sections/section.ts";
import { setting } from "./sections/setting.ts";
import { terms } from "./sections/terms.ts";
import { warnings } from "./sections/warnings.ts";
import { counted, grouped, listed } from "./text.ts";

const SECTIONS: readonly Section[] = [outcome, warnings, rates, armByArm, schedules, explorer, setting, terms];

/** The same comparison gives the same bytes: there is no clock and no chance in it. */
export function reportPage(comparison: Comparison): string {
  const { config } = comparison.manifest;
  const title = `Layer-wise learning rates: ${modelLabels[config.model] ?? config.model} on ${config.dataset.toUpperCase()}`;
  const sections = SECTIONS.map((section) => ({ ...section, html: section.body(comparison) })).filter((section) => section.html !== null);
  const parts = sections.map(({ id, heading, html }) => `<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${escapeHtml(heading)}</h2>${html!}</section>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title><style>${asset("report.css")}
${library("uplot/dist/uPlot.min.css")}</style></head>
<body><a class="skip" href="#outcome">Skip to the outcome</a>
<header><h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(whatWasDone(comparison))}</p>${stoppedEarly(comparison)}</header>
<nav aria-label="Sections"><ul>${sections.map(({ id, short }) => `<li><a href="#${id}">${escapeHtml(short)}</a></li>`).join("")}</ul></nav>
<main>${parts.join("\n")}</main>
</body></html>
`;
}

function whatWasDone({ manifest: { config }, arms }: Comparison): string {
  const ways = arms.length === 1 ? "One way to set it was given" : `${arms.length} ways to set it were given`;
  return `Should every layer have a learning rate of its own? ${ways} the same network, the same start values and the same batches in the same order: ${grouped(config.images)} images, ${counted(config.epochs, "epoch")}, ${counted(config.steps, "step")} of ${config.batchSize}, seed ${config.seed}; tested on ${counted(config.testImages, "image")}.`;
}

/** Of a comparison in which not every arm did all steps: how far each of those came. */
function stoppedEarly({ manifest: { config, status }, arms }: Comparison): string {
  const short = arms.map((arm) => ({ arm, done: arm.metrics.at(-1)?.step ?? 0 })).filter(({ done }) => done < config.steps);
  if (short.length === 0) return "";
  const far = ({ arm, done }: { readonly arm: ArmRun; readonly done: number }): string => (done === 0 ? `${arm.label} did not start` : `${arm.label} did ${grouped(done)}`);
  const why = status === "interrupted" ? "It was stopped: " : "";
  return `<p class="stopped"><strong>${escapeHtml(`${why}not all of the ${counted(config.steps, "step")} were done.`)}</strong> ${escapeHtml(`${listed(short.map(far))}.`)}</p>`;
}
