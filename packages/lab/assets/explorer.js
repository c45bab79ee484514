// The zoomable chart of the report: any quantity of one arm's layers, or of one layer in all arms. Runs in the page, with
// uPlot and the page's own data; everything else in the report is drawn without scripts.
(() => {
  const element = (id) => document.getElementById(id);
  const data = JSON.parse(element("data").textContent);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const mix = (part) => `color-mix(in oklch, ${colour("--layer-last")} ${Math.round(100 * part)}%, ${colour("--layer-first")})`;
  const [quantity, subject, axis, slider, at, values] = ["quantity", "subject", "axis", "step", "at", "values"].map(element);

  const add = (select, value, text) => select.add(new Option(text, value));
  for (const [key, text] of Object.entries(data.quantities)) add(quantity, key, text);
  data.arms.forEach((arm, i) => add(subject, `arm:${i}`, `${arm.label}: all layers`));
  data.layers.forEach((layer) => add(subject, `layer:${layer}`, `${layer}: all arms`));

  /** Lines of the chosen subject: { label, stroke, steps, numbers }. */
  function lines() {
    const [kind, which] = subject.value.split(/:(.*)/s);
    const of = (arm, layer) => ({ steps: arm.steps, numbers: arm.layers[layer]?.[quantity.value] ?? arm.steps.map(() => null) });
    if (kind === "arm") {
      const arm = data.arms[Number(which)];
      return data.layers.map((layer, i) => ({ label: layer, stroke: mix(i / Math.max(1, data.layers.length - 1)), ...of(arm, layer) }));
    }
    return data.arms.map((arm, i) => ({ label: arm.label, stroke: colour(`--arm-${i % 8}`), ...of(arm, which) }));
  }

  let plot = null;
  let drawn = [];

  function draw() {
    drawn = lines();
    const log = axis.value === "log";
    const steps = [...new Set(drawn.flatMap((line) => line.steps))].sort((a, b) => a - b);
    // Arms that were stopped early have fewer steps: each number goes to its own step.
    const columns = drawn.map((line) => {
      const own = new Map(line.steps.map((step, i) => [step, line.numbers[i]]));
      return steps.map((step) => { const x = own.get(step) ?? null; return log && !(x > 0) ? null : x; });
    });
    plot?.destroy();
    const line = { stroke: colour("--text"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
    plot = new uPlot({
      width: element("chart").clientWidth || 900, height: 380, scales: { x: { time: false }, y: log ? { distr: 3 } : {} },
      axes: [{ ...line, label: "step" }, { ...line, size: 70, values: (_, ticks) => ticks.map((t) => (t === null ? "" : Math.abs(t) < 1e-3 && t !== 0 ? t.toExponential(0) : String(Number(t.toPrecision(3))))) }],
      series: [{ label: "step" }, ...drawn.map(({ label, stroke }) => ({ label, stroke, width: 1.5, value: (_, x) => (x === null ? "-" : x.toPrecision(4)) }))],
      cursor: { drag: { x: true, y: false } },
    }, [steps, ...columns], element("chart"));
    slider.max = String(steps.length - 1);
    slider.value = String(Math.min(Number(slider.value), steps.length - 1));
    read();
  }

  /** Shows the numbers at the slider's step, for those who do not point. */
  function read() {
    const index = Number(slider.value);
    at.value = String(plot.data[0][index]);
    values.tBodies[0].replaceChildren(...drawn.map(({ label }, i) => {
      const row = document.createElement("tr");
      const head = row.appendChild(document.createElement("th"));
      head.scope = "row";
      head.textContent = label;
      row.insertCell().textContent = plot.data[i + 1][index]?.toPrecision(5) ?? "-";
      return row;
    }));
  }

  for (const select of [quantity, subject, axis]) select.addEventListener("change", draw);
  slider.addEventListener("input", read);
  element("whole").addEventListener("click", (event) => { event.preventDefault(); draw(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  addEventListener("resize", () => plot?.setSize({ width: element("chart").clientWidth, height: 380 }));
  element("explorer").hidden = false;
  subject.value = `layer:${data.layers.at(-1)}`; // where arms differ most
  draw();
})();
