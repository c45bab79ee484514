// Every kernel on WebGL 2: the ops' own tests, bundled for a browser, where gpu.js keeps arrays as textures and writes GLSL.
// Node has no WebGL; the other engines run these tests there.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin, preview, type PreviewServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, findBrowser } from "../../../tools/browser.ts";
import { resolve } from "./vite.config.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const gpu = join(root, "packages/tensor/src/gpu");
const found = findBrowser();

/** The modules whose place others take, by how their names end, and the texts of these. */
const STAND_INS: readonly (readonly [RegExp, string])[] = [
  [/^vitest$/, `export * from ${JSON.stringify(join(here, "vitestInBrowser.ts"))};`],
  [/\/testDevices\.ts$/, `
    import { openDevice } from ${JSON.stringify(join(gpu, "useGpu.ts"))};
    export const testOptions = () => []; // tests that open devices of their own: a page has 16 contexts
    let devices = null;
    export const testDevices = () => (devices ??= openDevice({ engine: "webgl2", software: true }).then((device) => [device]));`],
  [/\/agreement\.ts$/, `
    import { gpuAgrees as check } from ${JSON.stringify(`${join(gpu, "agreement.ts")}?itself`)};
    export const found = { agreements: 0, faults: [] };
    export async function gpuAgrees(...args) {
      found.agreements++;
      try { await check(...args); } catch (error) { found.faults.push(error.message); }
    }`],
  [/\/kernels\.html\.ts$/, `
    import.meta.glob("/packages/tensor/src/ops/**/*Gpu.test.ts", { eager: true });
    import { runTests } from ${JSON.stringify(join(here, "vitestInBrowser.ts"))};
    import { found } from ${JSON.stringify(join(gpu, "agreement.ts"))};
    window.run = () => runTests().then(() => found);`],
];

const standIns: Plugin = {
  name: "stand-ins",
  enforce: "pre",
  resolveId(id) {
    if (id.endsWith("kernels.html")) return join(root, "kernels.html");
    const which = STAND_INS.findIndex(([name]) => name.test(id));
    return which < 0 ? undefined : join(gpu, `standIn${which}.ts`);
  },
  load(id) {
    if (id === join(root, "kernels.html")) return '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/kernels.html.ts"></script>';
    const which = /standIn(\d)\.ts$/.exec(id)?.[1];
    return which === undefined ? undefined : STAND_INS[Number(which)][1];
  },
};

describe.skipIf(typeof found === "string")("the kernels on WebGL 2", () => {
  const outDir = mkdtempSync(join(tmpdir(), "llr-webgl-"));
  let server: PreviewServer;
  let browser: Browser;
  beforeAll(async () => {
    const shared = { root, resolve, configFile: false, logLevel: "warn" } as const;
    await build({ ...shared, plugins: [standIns], build: { outDir, emptyOutDir: true, chunkSizeWarningLimit: 5000, rolldownOptions: { input: "kernels.html", treeshake: false } } });
    server = await preview({ ...shared, build: { outDir }, preview: { port: 0 } });
    if (typeof found !== "string") browser = await found();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(outDir, { recursive: true });
  });

  test("agree with the reference wherever the ops' tests compare the two", { timeout: 240_000 }, async () => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", ({ message }) => complaints.push(message));
    await page.goto(`${server.resolvedUrls!.local[0]}kernels.html`);
    expect(complaints, "the tests do not load").toEqual([]);
    const { agreements, faults } = (await page.evaluate("run()")) as { agreements: number; faults: readonly string[] };
    expect(faults).toEqual([]);
    expect(agreements).toBeGreaterThan(20); // so that a bundle without tests does not pass
  });
});
