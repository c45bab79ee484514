// What the page's scripts share: its numbers, its colours, and how a file is saved. Everything but "Look closer" and the
// buttons is drawn without scripts.
globalThis.page = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });

  /** A property of the style sheet such as var(--arm-0), or a mix of two, as #rrggbb: canvases and saved files know no others. */
  function colour(css, from = document.documentElement) {
    const resolved = css.replace(/var\((--[\w-]+)\)/g, (_, name) => getComputedStyle(from).getPropertyValue(name).trim());
    if (resolved === "none" || resolved === "") return resolved;
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = resolved;
    pixel.fillRect(0, 0, 1, 1);
    return `#${Array.from(pixel.getImageData(0, 0, 1, 1).data.subarray(0, 3), (x) => x.toString(16).padStart(2, "0")).join("")}`;
  }

  function save(name, content) {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(content), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  /** As in layers.csv: a text that a spreadsheet would take for a formula gets an apostrophe. */
  function cell(x) {
    if (typeof x !== "string") return String(x ?? "");
    const text = /^[=+\-@\t\r\n]/.test(x) ? `'${x}` : x;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }
  const saveCsv = (name, rows) => save(`${name}.csv`, new Blob([rows.map((row) => `${row.map(cell).join(",")}\n`).join("")], { type: "text/csv" }));

  /** A quantity of a parameter in each of the arm's recorded steps; null where there is none. */
  function quantityOf(arm, parameter, quantity) {
    const own = arm.parameters[parameter];
    if (own === undefined) return arm.steps.map(() => null);
    const without = new Set(own.noRate);
    const over = (a, b) => a.map((x, i) => (x === null || !b[i] ? null : x / b[i]));
    const derived = {
      rate: () => own.rate.map((x, i) => (without.has(i) ? null : x)),
      trust: () => over(own.rate, arm.lr).map((x, i) => (without.has(i) ? null : x)),
      ratio: () => over(own.updateNorm, own.weightNorm),
      effective: () => over(own.updateNorm, own.gradNorm),
    };
    return derived[quantity]?.() ?? own[quantity];
  }

  return { data, colour, save, saveCsv, quantityOf };
})();
