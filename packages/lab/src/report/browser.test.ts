// The report in a browser, as it is written, with its policy: accessible, readable on a narrow screen, and its charts can be saved.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Browser, findBrowser, type Page } from "../../../../tools/browser.ts";
import { sandbox } from "../test/llr.ts";
import { LENET_PARAMETERS, writeComparison } from "../test/writeComparison.ts";
import { type Comparison, readComparison } from "./comparison.ts";
import { writeReport } from "./writeReport.ts";

const found = findBrowser();
if (typeof found === "string") {
  const sentence = `the report in a browser: left out, because ${found}`;
  if (process.env["LLR_REQUIRE_WEBGPU"] === "1") throw new Error(`${sentence}, and LLR_REQUIRE_WEBGPU=1 says that it must run.`);
  console.log(sentence);
}

const box = sandbox();
const ARMS = Array.from({ length: 10 }, (_, i) => `arm-${i}`);
const VIEWS = ([1400, 400] as const).flatMap((width) => (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })));
const LIMIT_MS = 120_000;

/** Ten arms, of which one explodes, one was stopped, and one has steps without a rate. */
function madeUp(): Comparison {
  writeComparison(box.path("run"), { arms: ARMS, steps: 60, testEvery: 20, parameters: LENET_PARAMETERS });
  const { manifest, arms, isAbandoned } = readComparison(box.path("run"));
  const changed = arms.map((arm, i) => {
    if (i === 1) return { ...arm, metrics: arm.metrics.map((m) => ({ ...m, loss: m.step > 40 ? 1e25 : m.loss })) };
    if (i === 2) return { ...arm, status: "interrupted" as const, metrics: arm.metrics.slice(0, 30), tests: arm.tests.slice(0, 1) };
    if (i === 3) for (const own of arm.layers.columns.values()) own.limitedBy.fill("zeroNorm", 0, 10);
    return arm;
  });
  return { manifest: { ...manifest, status: "interrupted" }, arms: changed, isAbandoned };
}

describe.skipIf(typeof found === "string")("the report in a browser", () => {
  let browser: Browser;
  let address = "";
  beforeAll(async () => {
    address = pathToFileURL(writeReport(box.path("run"), madeUp())).href;
    if (typeof found !== "string") browser = await found();
  }, LIMIT_MS);
  afterAll(async () => await browser?.close());

  async function open({ width, colorScheme }: (typeof VIEWS)[number]): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", ({ message }) => complaints.push(message));
    await page.goto(address);
    return { page, complaints };
  }

  it.each(VIEWS)("has no serious fault by axe, complains of nothing and is no wider than the window: $width px, $colorScheme", async (view) => {
    const { page, complaints } = await open(view);
    await page.evaluate(`document.querySelectorAll("details").forEach((d) => { d.open = true; })`);
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
    const faults = await page.evaluate(`axe.run().then(({ violations }) => violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => v.id + ": " + v.nodes.map((n) => n.target).join(", ")))`);
    expect(faults).toEqual([]);
    expect(complaints).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(view.width);
    await page.close();
  }, LIMIT_MS);

  it.each([1400, 400] as const)("draws every letter of a chart at 11 px or more: %i px", async (width) => {
    const { page } = await open({ width, colorScheme: "light" });
    const smallest = await page.evaluate(`Math.min(...[...document.querySelectorAll("main figure > svg, #rate-colours > svg")].map((svg) => parseFloat(getComputedStyle(svg).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width))`);
    expect(smallest).toBeGreaterThanOrEqual(11);
    await page.close();
  }, LIMIT_MS);

  it("saves each chart as an SVG that needs no style sheet, and its numbers as CSV", async () => {
    const { page } = await open({ width: 1400, colorScheme: "dark" });
    const saved = async (figure: string, button: number): Promise<{ name: string; text: string }> => {
      const download = page.waitForEvent("download");
      await page.click(`figure[data-name="${figure}"] .save button:nth-child(${button})`);
      const file = await download;
      return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
    };
    const picture = await saved("training-loss", 1);
    expect(picture.name).toBe("training-loss.svg");
    expect(picture.text).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(picture.text).not.toMatch(/var\(--|color-mix|oklch/);
    for (const arm of ARMS) expect(picture.text).toContain(`>${arm} + 1cycle</text>`);
    const [heading, first] = (await saved("training-loss", 2)).text.split("\n");
    expect(heading).toBe("arm,step,loss,smoothedLoss");
    const { metrics } = readComparison(box.path("run")).arms[0];
    expect(first).toBe(`arm-0 + 1cycle,1,${Number(metrics[0].loss.toPrecision(6))},${Number(metrics[0].loss.toPrecision(6))}`);
    const rates = (await saved("rates-arm-3", 2)).text.split("\n");
    expect(rates[0]).toBe("arm,parameter,step,rate");
    expect(rates[1]).toBe("arm-3 + 1cycle,conv1,1,"); // without a rate
    await page.close();
  }, LIMIT_MS);

  it("moves the upright line and the table by the slider's keys", async () => {
    const { page } = await open({ width: 1400, colorScheme: "light" });
    const caption = (): Promise<string> => page.innerText("#values-caption");
    expect(await caption()).toContain("at step 1,");
    const before = await page.evaluate(`document.querySelector("#chart canvas").toDataURL()`);
    await page.evaluate(`document.getElementById("position").focus()`);
    await page.keyboard.press("End");
    expect(await caption()).toContain("at step 60,");
    expect(await page.evaluate(`new Promise((done) => requestAnimationFrame(() => done(document.querySelector("#chart canvas").toDataURL())))`)).not.toBe(before);
    await page.close();
  }, LIMIT_MS);
});
