// The report of a real, short comparison, read back as a browser would: what is drawn is what was recorded.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parseHTML } from "linkedom";
import { beforeAll, describe, expect, it } from "vitest";
import { VERDICT_WORDS, VERDICTS } from "@llr/train";
import { arms as knownArms } from "../arms.ts";
import { sandbox } from "../test/llr.ts";
import { type ArmRun, type Comparison, layersOf, readComparison, stepsToTarget, stride, thin } from "./comparison.ts";
import { layersCsv, summaryCsv } from "./csv.ts";
import type { PageData } from "./pageData.ts";
import { findings } from "./findings.ts";
import { limitShares, relativeRates } from "./layerTables.ts";
import { reportPage } from "./page.ts";
import { formatSummary, verdictOf } from "./summary.ts";

const box = sandbox();
const LENET_LAYERS = ["conv1", "conv2", "fc1", "fc2", "fc3"];
const STEPS = 24;
let comparison: Comparison;
let html: string;
let page: Document;

/** What the tests use of a document. */
interface Document {
  querySelector(selector: string): Node | null;
  querySelectorAll(selector: string): Iterable<Node>;
}
interface Node extends Document {
  readonly textContent: string;
  getAttribute(name: string): string | null;
  closest(selector: string): Node | null;
}
const parse = (text: string): Document => parseHTML(text).document as unknown as Document;
const all = (root: Document, selector: string): Node[] => [...root.querySelectorAll(selector)];

beforeAll(async () => {
  const { code, err, out } = await box.llr(["compare", "--images", String(16 * STEPS), "--batch-size", "16", "--epochs", "1", "--test-images", "60", "--tests", "4", "--out", "run"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("\nreport: run/report.html\n");
  comparison = readComparison(box.path("run"));
  html = readFileSync(box.path("run", "report.html"), "utf8");
  page = parse(html);
}, 120_000);

const figureOf = (label: string): Node => page.querySelector(`svg[aria-label="${label}"]`)!;
/** The drawn line of an arm or layer. */
const lineOf = (figure: Node, name: string): string => figure.querySelector(`path[data-name="${name}"]`)!.getAttribute("d")!;

describe("the report", () => {
  it.each(["Training loss of the arms", "Test accuracy of the arms"])("draws a curve of each of the seven arms, no two alike: %s", (label) => {
    const drawn = comparison.arms.map((arm) => lineOf(figureOf(label), arm.label));
    expect(drawn).toHaveLength(7);
    for (const d of drawn) expect(d).toMatch(/^M[\d.]+,[\d.]+L/);
    // Accuracy on 60 images takes few values, and two arms may agree on all; losses do not.
    if (label.startsWith("Training")) expect(new Set(drawn).size).toBe(7);
    else expect(new Set(drawn).size).toBeGreaterThan(4);
  });

  it("draws a heat map of every arm whose rows are LeNet-5's layers and whose cells are the recorded rates", () => {
    for (const arm of comparison.arms) {
      const titles = all(figureOf(`${arm.label}: rate of each layer through training`), "rect > title").map((t) => t.textContent);
      const cellsOfLayers = titles.filter((t) => LENET_LAYERS.includes(t.split(",")[0]));
      expect(cellsOfLayers).toEqual(layersOf(arm.layers).flatMap(({ layer, columns }) => arm.layers.steps.map((step, i) => `${layer}, step ${step}: ${columns.rate[i]}`)));
      expect([...new Set(cellsOfLayers.map((t) => t.split(",")[0]))]).toEqual(LENET_LAYERS);
    }
  });

  it("gives a larger rate a lighter colour, in every arm on the same scale", () => {
    const cells = all(page, "rect > title").filter((title) => !title.textContent.includes("no rate")).map((title) => ({ rate: Number(title.textContent.split(": ")[1]), fill: title.closest("rect")!.getAttribute("fill")! }));
    const lightness = (fill: string): number => [1, 3, 5].reduce((sum, at, i) => sum + [0.299, 0.587, 0.114][i] * parseInt(fill.slice(at, at + 2), 16), 0);
    const sorted = cells.sort((a, b) => a.rate - b.rate);
    for (let i = 50; i < sorted.length; i += 50) expect(lightness(sorted[i].fill)).toBeGreaterThanOrEqual(lightness(sorted[i - 50].fill));
    expect(lightness(sorted.at(-1)!.fill)).toBeGreaterThan(lightness(sorted[0].fill) + 100);
  });

  it("carries the recorded numbers for its zoomable chart, to six digits", () => {
    const data = JSON.parse(page.querySelector("script#data")!.textContent) as PageData;
    expect(data.rows.filter((row) => row.name === row.layer).map((row) => row.name)).toEqual(LENET_LAYERS);
    comparison.arms.forEach((arm, a) => {
      expect(data.arms[a].steps).toEqual(arm.layers.steps);
      for (const { layer, columns } of layersOf(arm.layers)) {
        const own = data.arms[a].parameters[layer];
        for (const quantity of ["rate", "weightNorm", "gradNorm", "updateNorm"] as const) columns[quantity].forEach((x, i) => expect(own[quantity][i]).toBe(Number(x.toPrecision(6))));
      }
    });
  });

  it("draws each layer's rate, trust and relative step for every arm", () => {
    for (const arm of comparison.arms)
      for (const quantity of ["rate", "trust: rate / scheduled rate", "relative step ‖Δw‖ / ‖w‖"])
        for (const layer of LENET_LAYERS) expect(lineOf(figureOf(`${arm.label}: ${quantity} of each layer`), layer)).toMatch(/^M/);
  });

  it("stands alone: no address outside the file, and every picture has words", () => {
    const outside = [...html.matchAll(/(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?\/\/[^"' )]+/g)].map((m) => m[0]);
    expect(outside).toEqual([]);
    for (const svg of all(page, "svg")) expect(svg.getAttribute("aria-label") ?? svg.getAttribute("aria-hidden")).toBeTruthy();
    for (const link of all(page, "nav a")) expect(page.querySelector(link.getAttribute("href")!)).not.toBeNull();
  });

  it("is made again from the logs, byte for byte, and so are the CSV files", async () => {
    const files = ["report.html", "summary.csv", "layers.csv"];
    const before = files.map((name) => readFileSync(box.path("run", name), "utf8"));
    for (const name of files) rmSync(box.path("run", name));
    const { code, out } = await box.llr(["report", "run"]);
    expect(code).toBe(0);
    expect(out).toContain("report: run/report.html");
    files.forEach((name, i) => expect(readFileSync(box.path("run", name), "utf8") === before[i], name).toBe(true));
  });

  it("refuses a folder without a comparison and names one that has", async () => {
    expect(await box.llr(["report", "."])).toMatchObject({ code: 1, err: "llr: .: there is no compare.json in it. It needs a folder that llr compare wrote, such as run.\n" });
  });

  it("names a damaged log instead of drawing what is left", () => {
    cpSync(box.path("run"), box.path("damaged"), { recursive: true });
    const path = box.path("damaged", "arms", "lars", "metrics.jsonl");
    writeFileSync(path, readFileSync(path, "utf8").replace('{"step":3', '{"step":'));
    expect(() => readComparison(box.path("damaged"))).toThrow(/lars.metrics\.jsonl: it cannot be read: line 3 is no JSON/);
  });

  it("shows what an arm's name holds as text", () => {
    const hostile = { ...comparison, arms: comparison.arms.map((arm, i) => (i === 0 ? { ...arm, label: "</script><b id=hostile>&" } : arm)) };
    const doc = parse(reportPage(hostile));
    expect(doc.querySelector("#hostile")).toBeNull();
    expect(doc.querySelector("tbody th")!.textContent).toBe("</script><b id=hostile>&");
  });
});

describe("a comparison in which arms failed or never started", () => {
  it("is reported all the same", () => {
    cpSync(box.path("run"), box.path("partly"), { recursive: true });
    rmSync(box.path("partly", "arms", "sgd"), { recursive: true }); // never started
    const run = box.path("partly", "arms", "adamw", "run.json");
    writeFileSync(run, readFileSync(run, "utf8").replace('"status": "finished"', '"status": "running"')); // its process was killed
    rmSync(box.path("partly", "arms", "lars"), { recursive: true }); // died before its first step
    const manifest = box.path("partly", "compare.json");
    writeFileSync(manifest, JSON.stringify({ ...(JSON.parse(readFileSync(manifest, "utf8")) as object), status: "interrupted", errors: { lars: "its process ended early (SIGKILL)." } }));
    const partly = readComparison(box.path("partly"));
    expect(partly.arms.slice(0, 4).map((a) => a.status)).toEqual(["not started", "failed", "failed", "finished"]);
    const text = formatSummary(partly);
    expect(text).toMatch(/^SGD \+ 1cycle .* not started$/m);
    expect(text).toMatch(/^LARS: its process ended early \(SIGKILL\)\.$/m);
    const doc = parse(reportPage(partly));
    expect(all(doc, ".failure").map((f) => f.textContent)).toEqual(["AdamW + 1cycle: its process ended early", "LARS: its process ended early (SIGKILL)."]);
    expect(findings(partly).join(" ")).toContain("The comparison was stopped before SGD + 1cycle could finish.");
  });

  it("may hold no arm that recorded anything", () => {
    mkdirSync(box.path("empty"));
    writeFileSync(box.path("empty", "compare.json"), readFileSync(box.path("run", "compare.json"), "utf8").replace('"status": "finished"', '"status": "interrupted"'));
    const empty = readComparison(box.path("empty"));
    expect(findings(empty)).toEqual(["No arm finished, so there is nothing to compare."]);
    expect(all(parse(reportPage(empty)), ".empty").map((p) => p.textContent)).toContain("No layer's rate was recorded.");
    expect(summaryCsv(empty).split("\n")[1]).toMatch(/^sgd,[\d.]+,,,,,,not started,not started$/);
  });
});

describe("the CSV files", () => {
  it("layers.csv has a line for each arm, step and parameter, with the recorded numbers", () => {
    const [heading, ...lines] = layersCsv(comparison).trimEnd().split("\n");
    expect(heading).toBe("arm,step,layer,parameter,lr,trust,rate,weightNorm,gradNorm,updateNorm,limitedBy");
    expect(lines).toHaveLength(7 * STEPS * 10);
    const lars = comparison.arms.find((a) => a.name === "lars")!;
    const c = lars.layers.columns.get("fc2.bias")!;
    expect(lines).toContain(["lars", 5, "fc2", "fc2.bias", c.lr[4], c.trust[4], c.rate[4], c.weightNorm[4], c.gradNorm[4], c.updateNorm[4], c.limitedBy[4] ?? ""].join(","));
  });

  it("summary.csv quotes what would break a line", () => {
    const odd = { ...comparison, arms: [{ ...comparison.arms[0], name: 'a,"b"' }] };
    expect(summaryCsv(odd).split("\n")[1]).toMatch(/^"a,""b""",/);
  });
});

describe("what the report says in numbers", () => {
  const series = (rates: Record<string, number[]>): ArmRun["layers"] => ({
    parameters: Object.keys(rates).map((layer) => ({ name: `${layer}.weight`, layer, shape: [4] })),
    steps: Object.values(rates)[0].map((_, i) => i + 1),
    columns: new Map(Object.entries(rates).map(([layer, rate]) => [`${layer}.weight`, { lr: rate, trust: rate, rate, weightNorm: rate, gradNorm: rate, updateNorm: rate, limitedBy: rate.map((r) => (r > 1 ? "schedule" as const : null)) }])),
  });
  const arm = (changes: Partial<ArmRun>): ArmRun => ({ ...comparison.arms[0], ...changes });
  const test = (accuracy: number) => [{ step: STEPS, epoch: 1, test: { accuracy, loss: 0.1, count: 60 } }];

  it("relative rates have a geometric mean of one, and say which layer gets more", () => {
    const { ratios } = relativeRates(arm({ layers: series({ first: Array.from({ length: 100 }, () => 4), last: Array.from({ length: 100 }, (_, t) => (t < 50 ? 1 : 4)) }) }));
    expect(ratios.get("first")![0]).toBeCloseTo(2, 12);
    expect(ratios.get("last")![0]).toBeCloseTo(0.5, 12);
    expect(ratios.get("last")![2]).toBeCloseTo(1, 12);
  });

  it("limits are shares of the steps, and an arm that was never limited has none", () => {
    expect(limitShares(arm({ layers: series({ a: [2, 2, 2, 1] }) }))[0].shares).toEqual(new Map([["schedule", 0.75]]));
    expect(limitShares(arm({ layers: series({ a: [1, 1] }) }))).toEqual([]);
  });

  it("a layer is drawn by its largest parameter, whichever comes first", () => {
    const layers = { parameters: [{ name: "a.bias", layer: "a", shape: [3] }, { name: "a.weight", layer: "a", shape: [3, 5] }, { name: "b.weight", layer: "b", shape: [2] }], steps: [], columns: new Map() } as unknown as ArmRun["layers"];
    expect(layersOf(layers).map((l) => l.parameter.name)).toEqual(["a.weight", "b.weight"]);
  });

  it("calls arms equal whose difference is within two standard errors, and no others", () => {
    // At 90 % on 60 images: 2 * sqrt(2) * sqrt(0.09 / 60) = 0.1095.
    const three = [arm({ label: "A", tests: test(0.9) }), arm({ label: "B", tests: test(0.8) }), arm({ label: "C", tests: test(0.78) })];
    const [best, close] = findings({ ...comparison, arms: three });
    expect(best).toBe("A ended best, with 90.00 % of the test images right.");
    expect(close).toBe("B cannot be told from it: on 60 images, differences below 10.95 points are within two standard errors.");
  });

  it("names the first tested step at the target, and what became of the training", () => {
    expect(stepsToTarget({ tests: [...test(0.5), ...test(0.97)] }, 0.97)).toBe(STEPS);
    expect(stepsToTarget({ tests: test(0.5) }, 0.97)).toBeNull();
    expect(verdictOf(arm({ status: "failed", verdict: "nonFinite" }))).toBe("not finite");
    expect(verdictOf(arm({ status: "failed", verdict: null }))).toBe("failed");
    expect(VERDICTS.map((verdict) => verdictOf(arm({ verdict })))).toEqual(["stable", "spike", "never learned", "collapsed", "diverged", "not finite", "too short"]);
  });

  it("crowns no arm that learned nothing, and says of each what became of it", () => {
    const arms = [arm({ label: "A", tests: test(0.5), verdict: "collapsed" }), arm({ label: "B", tests: test(0.11), verdict: "spike" }), arm({ label: "C", tests: test(0.1), verdict: "neverLearned" }), arm({ label: "D", status: "failed", verdict: "nonFinite" })];
    const [best, ...rest] = findings({ ...comparison, arms });
    expect(best).toMatch(/^B ended best/);
    expect(rest.join(" ")).toMatch(/C: never learned \(.*A: collapsed \(.*D: not finite \(/);
    expect(findings({ ...comparison, arms: [arms[0], arms[2]] })[0]).toBe("No arm learned, so there is nothing to compare.");
  });

  it("defines every verdict in the page", () => {
    for (const verdict of VERDICTS) expect(page.querySelector("body")!.textContent).toContain(`${VERDICT_WORDS[verdict].label}: ${VERDICT_WORDS[verdict].meaning}`);
  });

  it("thinning picks every k-th index and the last, and at most as many as asked for", () => {
    expect(thin(10, 100)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(thin(10, 5)).toEqual([0, 3, 6, 9]);
    expect(thin(11, 5)).toEqual([0, 3, 6, 9, 10]);
    expect(thin(0, 5)).toEqual([]);
    for (let n = 1; n < 200; n++) {
      expect(thin(n, 7).length).toBeLessThanOrEqual(7);
      expect(thin(n, 7).at(-1)).toBe(n - 1);
      expect(stride(n, 7)).toBeGreaterThanOrEqual(1);
    }
  });
});

it("every arm is known by a name, a label, a sentence, and a rate of its own", () => {
  expect(new Set(knownArms.map((a) => a.label)).size).toBe(knownArms.length);
  for (const { description, lr } of knownArms) expect(description.endsWith(".") && lr > 0).toBe(true);
});
