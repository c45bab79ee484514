import { asset, library } from "../assets.ts";
import { pageData } from "../pageData.ts";
import type { Section } from "./section.ts";

const CONTROLS = `<form class="controls" id="controls">
<label>Quantity <select id="quantity"></select></label>
<label>Of <select id="subject"></select></label>
<label>Along <select id="along"><option value="step">steps</option><option value="seconds">seconds</option></select></label>
<label>Axis <select id="axis"><option value="log">logarithmic</option><option value="linear">linear</option></select></label>
<label>From <input type="number" id="from" min="0" step="any"></label>
<label>to <input type="number" id="to" min="0" step="any"></label>
<button type="button" id="whole">Whole training</button> <button type="button" id="explorer-csv">Save CSV</button> <button type="button" id="explorer-png">Save PNG</button></form>`;

export const explorer: Section = {
  id: "explore", heading: "Look closer", short: "Look closer",
  body(comparison) {
    // "<" would end the script element if a log held "</script>".
    const data = JSON.stringify(pageData(comparison)).replaceAll("<", "\\u003c");
    return `<noscript><p>This part needs scripts. Everything above does not.</p></noscript>
<div id="explorer" hidden>${CONTROLS}
<p class="hint">From and to, or dragging over the chart, enlarge a part. The slider moves the upright line, and the table has the numbers there.</p>
<div id="chart" role="img" aria-labelledby="values-caption"></div>
<label class="slider"><span id="along-label">Step</span> <input type="range" id="position" min="0" value="0"> <output id="at" for="position"></output></label>
<p class="caption" id="values-caption">Numbers at the chosen step</p><table id="values"><thead><tr><th scope="col">line</th><th scope="col">value</th></tr></thead><tbody></tbody></table></div>
<script type="application/json" id="data">${data}</script>
<script>${library("uplot/dist/uPlot.iife.min.js")}</script>
<script>${asset("page.js")}</script>
<script>${asset("saveFigures.js")}</script>
<script>${asset("explorer.js")}</script>`;
  },
};
