// The page: controls, what it says of itself, and one training at a time.
import { imageCount, subset } from "@llr/data";
import { Rng } from "@llr/tensor";
import { accuracyCurve, brief, lossCurve } from "./charts.ts";
import { deviceTrainer } from "./deviceTrainer.ts";
import { element } from "./element.ts";
import { choosePlace, type EngineName, type Place } from "./engines.ts";
import { HeatMap } from "./heatMap.ts";
import { memoryTrainer } from "./memoryTrainer.ts";
import { fetchMnist, type Mnist } from "./mnist.ts";
import { type OptimizerName, recipes } from "./recipes.ts";
import { runSession, totalSteps } from "./session.ts";
import type { Observation } from "./trainer.ts";

type State = "idle" | "loading" | "running" | "finished" | "stopped" | "failed";

/** Of the running average, a step. */
const KEPT = 0.95;
/** Between drawings, which take as long as a step; who wants no motion gets pictures that change once in a while. */
const DRAW_MS = 100;
const CALM_MS = 2000;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const form = element<HTMLFormElement>("controls");
const control = (name: string): HTMLInputElement => form.elements.namedItem(name) as HTMLInputElement;
const show = (id: string, text: string): void => { element(id).textContent = text; };
const map = new HeatMap();
const lossChart = lossCurve(element("lossChart"));
const accuracyChart = accuracyCurve(element("accuracyChart"), () => 0.5 / number("tests"));

let data: Promise<Mnist> | null = null;
let place: Place | null = null;
let stopper = new AbortController();

function setState(state: State, text: string): void {
  element("page").dataset["state"] = state;
  show("status", text);
  const busy = state === "loading" || state === "running";
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select")) field.disabled = busy;
  element<HTMLButtonElement>("start").disabled = busy;
  element<HTMLButtonElement>("stop").disabled = !busy;
}

/** Numbers as they are typed; the form has checked them. */
const number = (name: string): number => Number(control(name).value);

async function train(): Promise<void> {
  const optimizer = control("optimizer").value as OptimizerName;
  const settings = { lr: number("lr"), batchSize: number("batch"), epochs: number("epochs"), seed: number("seed") };
  element("failure").hidden = true;
  stopper = new AbortController();
  setState("loading", "Fetching MNIST (11 MB) and looking for a device …");
  place?.gpu?.destroy();
  place = null;
  show("place", "not chosen yet");
  show("reason", "-");
  const { train: all, test: allTest } = await (data ??= fetchMnist());
  place = await choosePlace(control("engine").value as EngineName | "auto", control("software").checked);
  show("place", place.name);
  show("reason", place.reason);

  const images = subset(all, Math.min(number("images"), imageCount(all)));
  const test = subset(allTest, Math.min(number("tests"), imageCount(allTest)));
  show("tested", `${imageCount(test).toLocaleString("en")} test images`);
  const steps = totalSteps(images, settings.batchSize, settings.epochs);
  map.clear(steps);
  lossChart.clear(steps);
  accuracyChart.clear(steps);
  for (const id of ["step", "speed", "loss", "firstLoss", "accuracy"]) show(id, "-");

  const rng = new Rng(settings.seed);
  const options = { optimizer, lr: settings.lr, steps, rng };
  const trainer = place.gpu === null ? memoryTrainer(options) : deviceTrainer(place.gpu, options);
  const view = new View(steps);
  setState("running", `Training with ${recipes[optimizer].label}.`);
  try {
    const { ended, steps: done } = await runSession({
      ...settings, trainer, train: images, test, rng, signal: stopper.signal,
      stepped: (step) => view.stepped(step), observed: (step, o) => view.observed(step, o), tested: (step, accuracy) => view.tested(step, accuracy),
    });
    setState(ended, ended === "finished" ? `Finished after ${done.toLocaleString("en")} steps.` : `Stopped at step ${done.toLocaleString("en")} of ${steps.toLocaleString("en")}.`);
  } finally {
    view.close();
  }
}

/** What is seen while training, drawn now and then. */
class View {
  private readonly steps: number;
  private readonly started = performance.now();
  private step = 0;
  private average = NaN;
  private lastObserved = 0;
  private waiting = false;
  private isOpen = true;

  constructor(steps: number) {
    this.steps = steps;
  }

  stepped(step: number): void {
    this.step = step;
    this.drawSoon();
  }

  observed(step: number, { loss, records }: Observation): void {
    const kept = KEPT ** (step - this.lastObserved);
    this.average = Number.isNaN(this.average) ? loss : kept * this.average + (1 - kept) * loss;
    if (this.lastObserved === 0) show("firstLoss", loss.toFixed(4));
    this.lastObserved = step;
    lossChart.add(step, loss, this.average);
    map.add(step, records);
    show("loss", `${loss.toFixed(4)}, running average ${this.average.toFixed(4)}`);
    this.drawSoon();
  }

  tested(step: number, accuracy: number): void {
    accuracyChart.add(step, accuracy);
    show("accuracy", `${(100 * accuracy).toFixed(2)} % at step ${step.toLocaleString("en")}`);
    this.drawSoon();
  }

  close(): void {
    this.draw();
    this.isOpen = false;
  }

  private drawSoon(): void {
    if (this.waiting) return;
    this.waiting = true;
    setTimeout(() => {
      this.waiting = false;
      if (this.isOpen) this.draw();
    }, calm.matches ? CALM_MS : DRAW_MS);
  }

  private draw(): void {
    const seconds = (performance.now() - this.started) / 1000;
    show("step", `${this.step.toLocaleString("en")} of ${this.steps.toLocaleString("en")}`);
    show("speed", brief(this.step / seconds));
    element<HTMLProgressElement>("progress").value = this.step / this.steps;
    lossChart.draw();
    accuracyChart.draw();
    map.draw();
  }
}

async function start(): Promise<void> {
  try {
    await train();
  } catch (error) {
    data = (await data?.then(() => true, () => false)) ? data : null; // a failed download is tried again
    const hasBegun = element("page").dataset["state"] === "running";
    const failure = element("failure");
    failure.hidden = false;
    failure.textContent = (error as Error).message;
    setState("failed", hasBegun ? "Training has ended with an error." : "Training has not begun.");
  }
}

/** Options of the address, such as ?engine=webgl2&optimizer=larc&images=1280&start, into the controls. */
function readAddress(): void {
  const options = new URLSearchParams(location.search);
  const refused: string[] = [];
  if (options.has("optimizer")) put("optimizer", options.get("optimizer")!);
  takeUsualRate();
  for (const [name, value] of options) {
    if (name === "software") control("software").checked = true;
    else if (name !== "start" && !put(name, value)) refused.push(`${name}=${value}`);
  }
  if (refused.length > 0) show("status", `The address asks for what is not there: ${refused.join(", ")}. The controls have the rest. Press Start.`);
  else if (options.has("start")) form.requestSubmit();
}

/** @returns false, with all as it was, for a control or a choice that there is not */
function put(name: string, value: string): boolean {
  if (form.elements.namedItem(name) === null) return false;
  const field = control(name);
  const before = field.value;
  field.value = value;
  if (field.value === value) return true;
  field.value = before;
  return false;
}

function takeUsualRate(): void {
  const recipe = recipes[control("optimizer").value as OptimizerName];
  control("lr").value = String(recipe.lr);
}

const optimizers = form.elements.namedItem("optimizer") as HTMLSelectElement;
for (const [name, { label }] of Object.entries(recipes)) optimizers.add(new Option(label, name));
optimizers.value = "larc";
optimizers.addEventListener("change", takeUsualRate);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void start();
});
element("stop").addEventListener("click", () => stopper.abort());
readAddress();
