// The report: one HTML file that needs nothing else, made of a comparison's logs alone.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { VERDICT_WORDS, VERDICTS } from "@llr/train";
import { modelLabels } from "../recipe.ts";
import type { Comparison } from "./comparison.ts";
import { layersOf } from "./comparison.ts";
import { accuracyCurves, armLegend, layerLegend, layerLines, lossCurves, momentumCurves, scheduleCurves } from "./curves.ts";
import { explorerData } from "./explorerData.ts";
import { findings } from "./findings.ts";
import { heatMaps } from "./heatMap.ts";
import { definitions, escapeHtml, figure, section, table } from "./html.ts";
import { limitShares, MOMENTS, relativeRates } from "./layerTables.ts";
import { percent, remarks, SUMMARY_HEADINGS, summaryCells } from "./summary.ts";

/** The same comparison gives the same bytes: there is no clock and no chance in it. */
export function reportPage(comparison: Comparison): string {
  const { config } = comparison.manifest;
  const title = `Layer-wise learning rates: ${modelLabels[config.model] ?? config.model} on ${config.dataset.toUpperCase()}`;
  const sections = [outcome(comparison), rates(comparison), armByArm(comparison), schedules(comparison), explorer(comparison), setting(comparison), terms()];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title><style>${asset("report.css")}
${library("uplot/dist/uPlot.min.css")}</style></head>
<body><a class="skip" href="#outcome">Skip to the outcome</a>
<header><h1>${escapeHtml(title)}</h1>
<p>Should every layer have a learning rate of its own? ${comparison.arms.length} ways to set it trained the same network from the same start values on the same batches, in the same order:
${config.images.toLocaleString("en")} images, ${config.epochs} ${config.epochs === 1 ? "epoch" : "epochs"}, ${config.steps.toLocaleString("en")} steps of ${config.batchSize}, seed ${config.seed}; tested on ${config.testImages.toLocaleString("en")} images.</p></header>
<nav aria-label="Sections"><ul>${NAVIGATION.map(([id, text]) => `<li><a href="#${id}">${text}</a></li>`).join("")}</ul></nav>
<main>${sections.join("\n")}</main>
</body></html>
`;
}

const NAVIGATION = [
  ["outcome", "Outcome"], ["rates", "Every layer's rate"], ["arms", "Arm by arm"], ["schedules", "Schedules"], ["explore", "Look closer"], ["setting", "Setting"], ["terms", "Terms"],
] as const;

/** Files beside the sources: `assets/` is where both `src/` and the built `dist/` look. */
const asset = (name: string): string => readFileSync(new URL(`../../assets/${name}`, import.meta.url), "utf8").trim();
const library = (path: string): string => readFileSync(createRequire(import.meta.url).resolve(path), "utf8").trim();

function outcome(comparison: Comparison): string {
  const { arms, manifest } = comparison;
  const target = manifest.config.targetAccuracy;
  const failures = remarks(arms).map(({ label, remark }) => `<p class="failure"><strong>${escapeHtml(label)}</strong>: ${escapeHtml(remark)}</p>`);
  return section("outcome", "Outcome", [
    ...findings(comparison).map((sentence) => `<p>${escapeHtml(sentence)}</p>`),
    table(SUMMARY_HEADINGS, arms.map((arm) => summaryCells(arm, target)), `Largest rate of the schedule; accuracy and loss after the last step; seconds of training alone; steps until a test first showed ${percent(target)}`),
    ...failures,
    armLegend(comparison),
    `<div class="pair">${figure(lossCurves(comparison), "Training loss, averaged over about the last 50 batches.")}${figure(accuracyCurves(comparison), "Test accuracy. The axis is stretched towards 100&nbsp;%.")}</div>`,
  ].join("\n"));
}

function rates(comparison: Comparison): string {
  const layers = layersOf(comparison.arms.find((arm) => arm.layers.steps.length > 0)?.layers ?? comparison.arms[0].layers).map((l) => l.layer);
  const rows = comparison.arms.filter((arm) => arm.layers.steps.length > 0).map((arm) => {
    const { ratios } = relativeRates(arm);
    return [arm.label, ...layers.map((layer) => ratios.get(layer)!.map((r) => (Number.isFinite(r) ? String(Number(r.toPrecision(2))) : "-")).join(" / "))];
  });
  return section("rates", "Every layer's rate through training", [
    figure(heatMaps(comparison), "The rate that each layer's weights got, first layer on top. A column is one step, picked, not averaged: point at it for the recorded number. All arms share the colours; rates are not comparable between AdamW, which divides each step by the gradient's size, and the others."),
    table(["arm", ...layers], rows, `A layer's rate over the geometric mean of all layers' rates, ${MOMENTS.map((m) => `at ${100 * m} %`).join(" / ")} of the training (medians of the steps around): above 1, the layer gets more than the others`),
  ].join("\n"));
}

function armByArm(comparison: Comparison): string {
  const drawn = comparison.arms.filter((arm) => arm.layers.steps.length > 0);
  const layers = drawn.length > 0 ? layersOf(drawn[0].layers).map((l) => l.layer) : [];
  const blocks = drawn.map((arm) => {
    const limits = limitShares(arm);
    const reasons = [...new Set(limits.flatMap((l) => [...l.shares.keys()]))].sort();
    return `<article aria-label="${escapeHtml(arm.label)}"><h3>${escapeHtml(arm.label)}</h3><p>${escapeHtml(arm.description)} <span class="settings">${escapeHtml(Object.entries({ "largest rate": arm.lr, ...arm.settings }).map(([k, v]) => `${k} ${v}`).join(", "))}</span></p>
<div class="triple">${figure(layerLines(arm, "rate"), "rate")}${figure(layerLines(arm, "trust"), "trust")}${figure(layerLines(arm, "ratio"), "relative step")}</div>
${reasons.length > 0 ? table(["limited by", ...limits.map((l) => l.layer)], reasons.map((reason) => [reason, ...limits.map(({ shares }) => `${(100 * (shares.get(reason) ?? 0)).toFixed(0)} %`)]), "Share of the steps in which a layer did not get the rate its rule asked for, by what limited it") : ""}</article>`;
  });
  return section("arms", "Arm by arm", `<p>The rate of each layer, its trust (the rate over the scheduled one) and its relative step (how far a step moves the weights, over their size).</p>${layerLegend(layers)}${blocks.join("\n")}`);
}

function schedules(comparison: Comparison): string {
  return section("schedules", "Schedules", `${armLegend(comparison)}<div class="pair">${figure(scheduleCurves(comparison), "The scheduled rate, before any layer's own factor.")}${figure(momentumCurves(comparison), "Momentum; for AdamW, the decay of its average of gradients.")}</div>`);
}

function explorer(comparison: Comparison): string {
  // "<" would end the script element if a log held "</script>".
  const data = JSON.stringify(explorerData(comparison)).replaceAll("<", "\\u003c");
  return section("explore", "Look closer", `<noscript><p>This part needs scripts. Everything above does not.</p></noscript>
<div id="explorer" hidden><form class="controls"><label>Quantity <select id="quantity"></select></label> <label>Show <select id="subject"></select></label> <label>Axis <select id="axis"><option value="log">logarithmic</option><option value="linear">linear</option></select></label> <button type="reset" id="whole">Whole training</button></form>
<p class="hint">Drag over the chart to enlarge a part. The slider reads the numbers of one step.</p>
<div id="chart"></div><label class="slider">Step <input type="range" id="step" min="0" value="0"> <output id="at" for="step"></output></label><table id="values"><caption>Numbers of the chosen step</caption><tbody></tbody></table></div>
<script type="application/json" id="data">${data}</script>
<script>${library("uplot/dist/uPlot.iife.min.js")}</script>
<script>${asset("explorer.js")}</script>`);
}

function setting({ manifest }: Comparison): string {
  const { config, machine, versions, arithmetic, data } = manifest;
  const command = `npm run llr -- compare --model ${config.model} --arms ${config.arms.join(",")} --epochs ${config.epochs} --batch-size ${config.batchSize} --images ${config.images} --test-images ${config.testImages} --seed ${config.seed}`;
  return section("setting", "Setting", [
    definitions([
      ["Machine", `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform} ${machine.arch}`],
      ["Software", `llr ${versions.llr}, Node ${versions.node}, V8 ${versions.v8}`],
      ["Kernels", `${arithmetic.home}, ${arithmetic.threads} thread an arm; ${arithmetic.arithmetic}`],
      ["Tested", `every ${config.testEvery} steps and after the last`],
      ...data.files.map((f) => [f.file, `SHA-256 ${f.sha256}`] as const),
    ]),
    `<p>Again, with the rates of this version: <code>${escapeHtml(command)}</code></p>`,
    `<p>The same seed gives the same metrics and layer series, to the last bit, on any number of workers. Beside this file: <code>summary.csv</code>, <code>layers.csv</code> (up to 1,000 steps of every arm), and in <code>arms/</code> the logs with every step.</p>`,
  ].join("\n"));
}

const terms = (): string => section("terms", "Terms", definitions([
  ["scheduled rate", "What the schedule says at a step, for all layers."],
  ["trust", "A layer's own factor on the scheduled rate. 1 for optimizers with one rate for all."],
  ["rate", "Scheduled rate times trust: what the layer really gets. Drawn for the layer's weights; a bias may get another (layers.csv has both)."],
  ["relative step", "‖Δw‖ / ‖w‖: how far one step moved a layer's weights, decay included, over their norm. Comparable between all optimizers."],
  ["limited by", "Why a layer did not get what its rule asked for: schedule (the scheduled rate is the cap), floor (less than the smallest rate), growth (faster up than one step allows), warmup (too few steps seen), zeroNorm (a norm is zero)."],
  ["training", `What became of the training loss. ${VERDICTS.map((verdict) => `${VERDICT_WORDS[verdict].label}: ${VERDICT_WORDS[verdict].meaning}`).join("; ")}. A model that knows nothing gives every image the same answer, the shares of the classes.`],
  ["1cycle", "A rate that goes up and comes down once, with momentum going the other way."],
]));
