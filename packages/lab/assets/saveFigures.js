// Buttons below each chart: its picture as SVG that stands alone, and its numbers as CSV.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const make = (name, attributes, ...children) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  /** Colours of the style sheet as numbers, in the copy of a picture. */
  function resolveColours(copy) {
    for (const element of copy.querySelectorAll("[fill],[stroke]"))
      for (const name of ["fill", "stroke"]) {
        const value = element.getAttribute(name);
        if (value !== null && /var\(|color-mix\(/.test(value)) element.setAttribute(name, page.colour(value));
      }
  }

  /** Names of the lines with their dashes, which on the page stand above the charts. */
  function legendOf(picture) {
    const lines = [...picture.querySelectorAll('g[data-name="line"] > path[data-name]')];
    return lines.map((path, i) => {
      const style = path.parentNode;
      const sample = make("line", { x1: 0, x2: 36, y1: -4, y2: -4, "stroke-width": 2.5, stroke: style.getAttribute("stroke"), "stroke-dasharray": style.getAttribute("stroke-dasharray") ?? "none" });
      const name = make("text", { x: 44, y: 0, "text-anchor": "start" }, path.getAttribute("data-name"));
      return make("g", { transform: `translate(16,${16 + 18 * i})` }, sample, name);
    });
  }

  function standAlone(figure) {
    const picture = figure.querySelector("svg");
    const [, , width, height] = picture.getAttribute("viewBox").split(" ").map(Number);
    const heading = picture.getAttribute("aria-label");
    const scale = figure.closest(".maps") ? document.querySelector("#rate-colours svg") : null;
    const below = scale ? [scale.cloneNode(true)] : legendOf(picture);
    const belowHeight = scale ? Number(scale.getAttribute("height")) + 8 : 18 * below.length + 8;
    const copy = picture.cloneNode(true);
    copy.setAttribute("y", "24");
    const whole = make(
      "svg",
      { xmlns: SVG, width, height: height + belowHeight + 24, viewBox: `0 0 ${width} ${height + belowHeight + 24}`, "font-family": "system-ui, sans-serif", "font-size": 12, color: page.colour("var(--text)"), fill: "currentColor" },
      make("rect", { width: "100%", height: "100%", fill: page.colour("var(--back)") }),
      make("text", { x: 14, y: 18, "font-weight": "bold" }, heading),
      copy,
      make("g", { transform: `translate(0,${height + 24})` }, ...below),
    );
    resolveColours(whole);
    return new XMLSerializer().serializeToString(whole);
  }

  /** The chart's columns, one row an arm and step, or an arm, parameter and step. */
  function rowsOf({ table, columns, arm }) {
    const names = columns.split(" ");
    if (table === "parameters") {
      const own = page.data.arms[Number(arm)];
      const rows = Object.keys(own.parameters).flatMap((parameter) => {
        const values = names.map((quantity) => page.quantityOf(own, parameter, quantity));
        return own.steps.map((step, i) => [own.label, parameter, step, ...values.map((v) => v[i])]);
      });
      return [["arm", "parameter", "step", ...names], ...rows];
    }
    return [["arm", ...names], ...page.data.arms.flatMap((own) => own[table][names[0]].map((_, i) => [own.label, ...names.map((name) => own[table][name][i])]))];
  }

  for (const figure of document.querySelectorAll("figure[data-name]")) {
    const { name, ...source } = figure.dataset;
    if (figure.querySelector("svg") === null) continue;
    const button = (text, save) => {
      const element = Object.assign(document.createElement("button"), { type: "button", textContent: text });
      element.setAttribute("aria-label", `${text}: ${figure.querySelector("svg").getAttribute("aria-label")}`);
      element.addEventListener("click", save);
      return element;
    };
    const buttons = Object.assign(document.createElement("div"), { className: "save" });
    buttons.append(
      button("SVG", () => page.save(`${name}.svg`, new Blob([standAlone(figure)], { type: "image/svg+xml" }))),
      button("CSV", () => page.saveCsv(name, rowsOf(source))),
    );
    figure.append(buttons);
  }
})();
