// The page as it is published, in a browser: it trains wherever it can compute, and says what it does.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview, type PreviewServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, findBrowser, type Page } from "../../../tools/browser.ts";

const configFile = join(dirname(fileURLToPath(import.meta.url)), "vite.config.ts");
const found = findBrowser();
if (typeof found === "string") {
  const sentence = `the page for browsers, and kernels on WebGL 2: left out, because ${found}`;
  if (process.env["LLR_REQUIRE_WEBGPU"] === "1") throw new Error(`${sentence}, and LLR_REQUIRE_WEBGPU=1 says that they must run.`);
  console.log(sentence);
}

/** 20 steps; SwiftShader takes most of a second for one of 8 images. */
const SHORT = "images=160&batch=8&tests=100&epochs=1&seed=1&start";
const LIMIT_MS = 240_000;
/** In the middle of each of the map's five rows: 0 where nothing is drawn. */
const OPACITIES = `[0, 1, 2, 3, 4].map((row) => {
  const { width, height } = map;
  return map.getContext("2d").getImageData(Math.floor(width / 2), Math.floor(((row + 0.5) / 5) * height), 1, 1).data[3];
})`;

describe.skipIf(typeof found === "string")("the page", () => {
  const outDir = mkdtempSync(join(tmpdir(), "llr-gpu-page-"));
  let server: PreviewServer;
  let browser: Browser;
  beforeAll(async () => {
    await build({ configFile, logLevel: "warn", build: { outDir, emptyOutDir: true } });
    server = await preview({ configFile, logLevel: "warn", build: { outDir }, preview: { port: 0 } });
    if (typeof found !== "string") browser = await found();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(outDir, { recursive: true });
  });

  /** The page with options of its address, and what it complained about in the console. */
  async function open(options: string): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", ({ message }) => complaints.push(message));
    await page.goto(`${server.resolvedUrls!.local[0]}?${options}`);
    return { page, complaints };
  }

  const ended = (page: Page): Promise<unknown> => page.waitForSelector('#page:is([data-state="finished"], [data-state="failed"])', { timeout: LIMIT_MS });

  /** Trains on an engine, and gives the first and last loss. */
  async function trained(engine: string, words: string): Promise<{ first: number; last: number }> {
    const { page, complaints } = await open(`engine=${engine}&software&optimizer=larc&lr=0.5&${SHORT}`);
    await ended(page);
    expect(await page.innerText("#failure")).toBe("");
    expect(complaints).toEqual([]);
    expect(await page.innerText("#step")).toBe("20 of 20");
    const place = await page.innerText("#place");
    expect(place).toContain(words);
    if (engine !== "cpu") expect(place).toContain("computed on the CPU");
    expect(await page.getAttribute("#map", "data-layers")).toBe("5");
    expect((await page.innerText("#layers")).split(/\s+/)).toEqual(["conv1", "conv2", "fc1", "fc2", "fc3"]);
    expect(await page.evaluate(OPACITIES)).toEqual([255, 255, 255, 255, 255]);
    const losses = { first: Number(await page.innerText("#firstLoss")), last: Number.parseFloat(await page.innerText("#loss")) };
    await page.close();
    return losses;
  }

  let inMemory = { first: NaN, last: NaN };

  test("trains LeNet-5 on the processor: the loss falls, and every layer has its row", async () => {
    inMemory = await trained("cpu", "the processor");
    expect(inMemory.first).toBeGreaterThan(2); // ln 10 = 2.30 for a guess
    expect(inMemory.last).toBeLessThan(0.9 * inMemory.first);
  }, LIMIT_MS);

  // Rounding errors of single precision grow over 20 steps; they have come to 1e-5.
  test.each([["WebGPU", "webgpu"], ["WebGL 2", "webgl2"]])("does the same on %s", async (words, engine) => {
    const { first, last } = await trained(engine, `through ${words}`);
    expect(Math.abs(first - inMemory.first)).toBeLessThanOrEqual(1e-3);
    expect(Math.abs(last - inMemory.last)).toBeLessThanOrEqual(1e-3);
  }, LIMIT_MS);

  test("refuses a software adapter that was not accepted, in words", async () => {
    const { page } = await open(`engine=webgl2&${SHORT}`);
    await ended(page);
    expect(await page.innerText("#failure")).toMatch(/computes on the CPU/);
    expect(await page.innerText("#status")).toBe("Training has not begun.");
    await page.close();
  });

  test("falls back to the processor and says why", async () => {
    const { page } = await open(`engine=auto&${SHORT}`);
    await ended(page);
    expect(await page.innerText("#place")).toContain("the processor");
    expect(await page.innerText("#reason")).toMatch(/WebGPU: .*WebGL 2: .*computes on the CPU/);
    await page.close();
  });

  test("says what of its address it does not know, and waits", async () => {
    const { page, complaints } = await open("engine=cuda&optimizer=foo&batch=many&epochs=3&start");
    expect(await page.innerText("#status")).toBe("The address asks for what is not there: engine=cuda, optimizer=foo, batch=many. The controls have the rest. Press Start.");
    expect(await page.evaluate(`["engine", "optimizer", "batch", "epochs"].map((name) => controls.elements[name].value)`)).toEqual(["auto", "larc", "64", "3"]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("a rate that is far too large ends in a sentence, not in silence", async () => {
    const { page } = await open(`engine=cpu&optimizer=sgd&lr=1e6&${SHORT}`);
    await ended(page);
    expect(await page.innerText("#failure")).toMatch(/The loss is (NaN|Infinity) at step \d+: training has diverged/);
    expect(await page.innerText("#status")).toBe("Training has ended with an error.");
    await page.close();
  });

  test("stops when asked to", async () => {
    const { page } = await open("engine=cpu&images=60000&start");
    await page.waitForSelector('#page[data-state="running"]', { timeout: LIMIT_MS });
    await page.click("#stop");
    await page.waitForSelector('#page[data-state="stopped"]', { timeout: LIMIT_MS });
    expect(await page.innerText("#status")).toMatch(/^Stopped at step [\d,]+ of 938\.$/);
    await page.close();
  });
});
