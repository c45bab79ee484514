// What each layer got, as colour: a row a layer, a column a step. Its numbers are in the table below, for the step that the
// slider or the pointer chooses.
import type { StepRecord } from "@llr/optim";
import { brief, colour } from "./charts.ts";
import { element } from "./element.ts";
import { viridis } from "./viridis.ts";

export type Quantity = "rate" | "trust" | "ratio";

/** Columns drawn, at most: an observation is picked for each. */
const MOST_COLUMNS = 240;
/** Values below the largest by more than this factor share the darkest colour, so that the others can be told apart. */
const SPAN = 1e5;

interface Observed {
  readonly step: number;
  /** Of the layers' weights; a bias may get another rate. */
  readonly layers: readonly StepRecord[];
}

const valueOf = (quantity: Quantity, { rate, trust, updateNorm, weightNorm }: StepRecord): number => ({ rate, trust, ratio: updateNorm / weightNorm })[quantity];

export class HeatMap {
  private readonly canvas = element<HTMLCanvasElement>("map");
  private readonly quantity = element<HTMLSelectElement>("quantity");
  private readonly slider = element<HTMLInputElement>("at");
  private observations: Observed[] = [];
  private steps = 1;
  private follows = true;

  constructor() {
    this.quantity.addEventListener("change", () => this.draw());
    this.slider.addEventListener("input", () => this.choose(Number(this.slider.value)));
    this.canvas.addEventListener("pointermove", ({ offsetX }) => this.choose(this.indexAt((offsetX / this.canvas.clientWidth) * this.steps)));
    this.canvas.addEventListener("pointerleave", () => this.choose(this.observations.length - 1));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  clear(steps: number): void {
    this.observations = [];
    this.steps = steps;
    this.follows = true;
    element("layers").replaceChildren();
    element<HTMLTableElement>("numbers").tBodies[0].replaceChildren();
    this.draw();
  }

  add(step: number, records: readonly StepRecord[]): void {
    const layers = records.filter(({ name }) => name.endsWith(".weight"));
    if (this.observations.length === 0) element("layers").replaceChildren(...layers.map(({ layer }) => withText("li", layer)));
    this.observations.push({ step, layers });
  }

  draw(): void {
    const { slider, observations } = this;
    slider.disabled = observations.length === 0;
    slider.max = String(Math.max(0, observations.length - 1));
    if (this.follows) slider.value = slider.max;
    this.paint();
    this.showNumbers();
  }

  /** The observation in force at a step. */
  private indexAt(step: number): number {
    const after = this.observations.findIndex((o) => o.step > step);
    return after === -1 ? this.observations.length - 1 : Math.max(0, after - 1);
  }

  private choose(index: number): void {
    if (index < 0) return;
    this.follows = index === this.observations.length - 1;
    this.slider.value = String(index);
    this.showNumbers();
  }

  private paint(): void {
    const { canvas, observations, steps } = this;
    const quantity = this.quantity.value as Quantity;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((size) => Math.round(size * devicePixelRatio));
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d")!;
    const picked = this.pickColumns();
    const values = picked.flatMap(({ layers }) => layers.map((record) => valueOf(quantity, record))).filter((x) => x > 0 && Number.isFinite(x));
    const layers = observations.at(-1)?.layers ?? [];
    canvas.dataset["layers"] = String(layers.length);
    if (values.length === 0) return this.describe(null);
    const largest = values.reduce((a, b) => Math.max(a, b));
    const smallest = Math.max(values.reduce((a, b) => Math.min(a, b)), largest / SPAN);
    const [low, high] = largest > smallest ? [smallest, largest] : [smallest / 10, largest * 10];
    const rowHeight = height / layers.length;
    const gap = Math.max(1, Math.round(devicePixelRatio));
    picked.forEach(({ step, layers: records }, column) => {
      const from = Math.floor(((step - 1) / steps) * width);
      const to = Math.ceil((((picked[column + 1]?.step ?? observations.at(-1)!.step + 1) - 1) / steps) * width);
      records.forEach((record, row) => {
        const value = valueOf(quantity, record);
        if (!(value > 0) || !Number.isFinite(value)) return;
        context.fillStyle = viridis(Math.log(value / low) / Math.log(high / low));
        context.fillRect(from, Math.round(row * rowHeight), Math.max(1, to - from), Math.round((row + 1) * rowHeight) - Math.round(row * rowHeight) - gap);
      });
    });
    this.describe([low, high]);
  }

  private pickColumns(): readonly Observed[] {
    const columns = new Map<number, Observed>();
    for (const o of this.observations) {
      const column = Math.floor(((o.step - 1) / this.steps) * MOST_COLUMNS);
      if (!columns.has(column)) columns.set(column, o);
    }
    return [...columns.values()];
  }

  /** The scale, and the map in words. */
  private describe(domain: readonly [number, number] | null): void {
    element("scaleLow").textContent = domain === null ? "-" : brief(domain[0]);
    element("scaleHigh").textContent = domain === null ? "-" : brief(domain[1]);
    const scale = element<HTMLCanvasElement>("scale");
    const context = scale.getContext("2d")!;
    context.fillStyle = colour("--panel");
    context.fillRect(0, 0, scale.width, scale.height);
    const width = domain === null ? 0 : scale.width;
    for (let x = 0; x < width; x++) {
      context.fillStyle = viridis(x / (width - 1));
      context.fillRect(x, 0, 1, scale.height);
    }
    const last = this.observations.at(-1);
    const what = this.quantity.selectedOptions[0].text;
    this.canvas.ariaLabel = last === undefined || domain === null ? "Nothing is recorded yet" : `${what} of ${last.layers.length} layers up to step ${last.step}, from ${brief(domain[0])} to ${brief(domain[1])}; the table below has the numbers`;
  }

  private showNumbers(): void {
    const chosen = this.observations[Number(this.slider.value)];
    element<HTMLOutputElement>("atStep").value = chosen === undefined ? "-" : String(chosen.step);
    if (chosen === undefined) return;
    element<HTMLTableElement>("numbers").tBodies[0].replaceChildren(...chosen.layers.map((record) => {
      const row = document.createElement("tr");
      const head = withText("th", record.layer);
      head.scope = "row";
      const numbers = [record.rate, record.trust, record.weightNorm, record.gradNorm, record.updateNorm / record.weightNorm];
      row.append(head, ...numbers.map((x) => withText("td", brief(x, 4))), withText("td", record.limitedBy ?? "-"));
      return row;
    }));
  }
}

function withText<K extends keyof HTMLElementTagNameMap>(tag: K, text: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
