// The zoomable chart of the report: any quantity of one arm's layers, of one layer in all arms, or of the whole runs.
(() => {
  const element = (id) => document.getElementById(id);
  const { data } = page;
  const [quantity, subject, along, axis, from, to, slider, at, values] = ["quantity", "subject", "along", "axis", "from", "to", "position", "at", "values"].map(element);
  const HEIGHT = 380;

  function options(select, label, entries) {
    const group = Object.assign(document.createElement("optgroup"), { label });
    group.append(...entries.map(([value, text]) => new Option(text, value)));
    select.append(group);
  }
  options(quantity, "of a layer", Object.entries(data.layerQuantities).map(([key, text]) => [`layer:${key}`, text]));
  options(quantity, "of the whole run", Object.entries(data.runQuantities).map(([key, text]) => [`run:${key}`, text]));
  options(subject, "one layer or parameter, all arms", data.rows.map(({ name }) => [`row:${name}`, name]));
  options(subject, "one arm, all layers", data.arms.flatMap(({ label, steps }, i) => (steps.length > 0 ? [[`arm:${i}`, label]] : [])));

  const split = (text) => text.split(/:(.*)/s);
  const chosen = () => split(quantity.value)[1];
  const words = () => (quantity.value.startsWith("run:") ? data.runQuantities : data.layerQuantities)[chosen()];

  /** Lines of the chosen subject: { label, style, x, y }, each with its own x. */
  function lines() {
    const [kind, which] = split(subject.value);
    if (quantity.value.startsWith("run:")) return data.arms.map(({ label, style, run }) => ({ label, style, x: run[along.value], y: run[chosen()] }));
    const x = (arm) => (along.value === "step" ? arm.steps : arm.seconds);
    if (kind === "arm") return data.rows.map(({ name, style }) => ({ label: name, style, x: x(data.arms[which]), y: page.quantityOf(data.arms[which], name, chosen()) }));
    return data.arms.map((arm) => ({ label: arm.label, style: arm.style, x: x(arm), y: page.quantityOf(arm, which, chosen()) }));
  }

  let plot = null;
  let drawn = [];
  let positions = [];

  const tick = (x) => {
    if (x === null) return "";
    const rounded = Number(x.toPrecision(3));
    return rounded !== 0 && (Math.abs(rounded) < 1e-3 || Math.abs(rounded) >= 1e5) ? rounded.toExponential().replace("e+", "e") : String(rounded);
  };

  /** Ticks of a log axis: decades, or 1, 2 and 5 of each where there are few. */
  function decades(_, __, min, max) {
    const [first, last] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max))];
    const multiples = last - first > 3 ? [1] : [1, 2, 5];
    const every = Math.ceil((last - first) / 8);
    return Array.from({ length: last - first + 1 }, (_, i) => (i % every === 0 ? multiples.map((m) => Number(`${m}e${first + i}`)) : [])).flat().filter((x) => x >= min && x <= max);
  }

  /** The upright line at the slider's position. */
  function drawPosition({ ctx, bbox, valToPos }) {
    const x = Math.round(valToPos(positions[Number(slider.value)], "x", true));
    if (!(x >= bbox.left && x <= bbox.left + bbox.width)) return;
    ctx.save();
    ctx.strokeStyle = page.colour("var(--accent)");
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }

  function draw() {
    subject.disabled = quantity.value.startsWith("run:");
    drawn = lines().filter(({ x }) => x.length > 0);
    const log = axis.value === "log";
    positions = [...new Set(drawn.flatMap((line) => line.x.filter((x) => x !== null)))].sort((a, b) => a - b);
    if (positions.length === 0) positions = [0];
    // Each number goes to its own x. Where another line has one, undefined draws on; null, no number, interrupts.
    const columns = drawn.map(({ x, y }) => {
      const own = new Map(x.map((position, i) => [position, log && !(y[i] > 0) ? null : y[i]]));
      return positions.map((position) => own.get(position));
    });
    plot?.destroy();
    const look = { stroke: page.colour("var(--text)"), grid: { stroke: page.colour("var(--line)"), width: 1 }, ticks: { stroke: page.colour("var(--line)") }, font: "12px system-ui, sans-serif", labelFont: "12px system-ui, sans-serif" };
    const isEmpty = !columns.some((column) => column.some((y) => y !== null && y !== undefined));
    plot = new uPlot({
      width: element("chart").clientWidth || 900, height: HEIGHT, legend: { show: false },
      scales: { x: { time: false }, y: log && !isEmpty ? { distr: 3 } : {} },
      axes: [{ ...look, size: 36, label: along.value === "step" ? "step" : "seconds of training", incrs: along.value === "step" ? STEPS : undefined, values: (_, ticks) => ticks.map((x) => x.toLocaleString("en")) }, { ...look, size: 64, label: words(), ...(log && !isEmpty && { splits: decades, filter: (_, ticks) => ticks, grid: { ...look.grid } }), values: (_, ticks) => ticks.map(tick) }],
      series: [{}, ...drawn.map(({ label, style }) => ({ label, stroke: page.colour(style.stroke), dash: style.dash.map((x) => x * 1.3), width: 1.8, points: { show: positions.length < 60, size: 5, fill: page.colour(style.stroke) } }))],
      cursor: { drag: { x: true, y: false } },
      hooks: { drawClear: [({ ctx }) => { ctx.fillStyle = page.colour("var(--back)"); ctx.fillRect(0, 0, ctx.canvas.width, ctx.canvas.height); }], draw: [drawPosition], setScale: [(_, scale) => scale === "x" && showRange()] },
    }, [positions, ...columns], element("chart"));
    slider.max = String(positions.length - 1);
    slider.value = String(Math.min(Number(slider.value), positions.length - 1));
    element("along-label").textContent = along.value === "step" ? "Step" : "Second";
    showRange();
    read();
  }

  /** Distances between ticks: no half steps. */
  const STEPS = Array.from({ length: 8 }, (_, power) => [1, 2, 5].map((x) => x * 10 ** power)).flat();

  function showRange() {
    if (plot === null) return;
    const { min, max } = plot.scales.x;
    if (min === null || min === undefined) return;
    from.value = String(Number(min.toPrecision(5)));
    to.value = String(Number(max.toPrecision(5)));
  }

  function enlarge() {
    const [min, max] = [from, to].map((input) => Number(input.value));
    if (max > min) plot.setScale("x", { min, max });
  }

  /** The line's number at the slider's position, or the last one before it. */
  function valueAt({ x, y }, position) {
    const index = x.findLastIndex((own) => own !== null && own <= position);
    if (index < 0 || (x.at(-1) !== null && position > x.at(-1))) return "–";
    return y[index] === null || y[index] === undefined ? "none" : y[index].toPrecision(5);
  }

  function sample({ stroke, dash }) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    for (const [name, value] of Object.entries({ width: 40, height: 10, class: "sample", "aria-hidden": "true" })) svg.setAttribute(name, value);
    for (const [name, value] of Object.entries({ x1: 1, x2: 39, y1: 5, y2: 5, stroke, "stroke-width": 2.5, "stroke-dasharray": dash.join(" ") || "none" })) line.setAttribute(name, value);
    svg.append(line);
    return svg;
  }

  /** Shows the numbers at the slider's position, for those who do not point. */
  function read() {
    const position = positions[Number(slider.value)];
    at.value = position.toLocaleString("en", { maximumFractionDigits: 2 });
    element("values-caption").textContent = `${words()}, at ${along.value === "step" ? "step" : "second"} ${at.value}${quantity.value.startsWith("run:") ? "" : `, ${subject.selectedOptions[0]?.textContent ?? ""}`}`;
    values.tBodies[0].replaceChildren(...drawn.map((line) => {
      const row = document.createElement("tr");
      const head = row.appendChild(document.createElement("th"));
      head.scope = "row";
      head.append(sample(line.style), ` ${line.label}`);
      row.insertCell().textContent = valueAt(line, position);
      return row;
    }));
    plot.redraw(false, false);
  }

  for (const select of [quantity, subject, along, axis]) select.addEventListener("change", draw);
  for (const input of [from, to]) input.addEventListener("change", enlarge);
  slider.addEventListener("input", read);
  element("controls").addEventListener("submit", (event) => event.preventDefault());
  element("whole").addEventListener("click", draw);
  element("explorer-csv").addEventListener("click", () => page.saveCsv("chart", [["line", along.value, chosen()], ...drawn.flatMap(({ label, x, y }) => x.map((position, i) => [label, position, y[i]]))]));
  element("explorer-png").addEventListener("click", () => plot.ctx.canvas.toBlob((picture) => page.save("chart.png", picture)));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  addEventListener("resize", () => plot?.setSize({ width: element("chart").clientWidth, height: HEIGHT }));
  element("explorer").hidden = false;
  const last = data.rows.findLast(({ name, layer }) => name === layer);
  if (last) subject.value = `row:${last.name}`; // where arms differ most
  draw();
})();
