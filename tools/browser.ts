// A headless Chromium for tests of pages. Nobody gets one unasked: playwright-core, which steers it, is fetched by
// `npm run gpu-setup`, the browser is the system's.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";

/** What is used of playwright-core, which is installed only where this runs. */
export interface Page {
  goto(url: string): Promise<unknown>;
  waitForSelector(selector: string, options: { timeout: number }): Promise<unknown>;
  innerText(selector: string): Promise<string>;
  getAttribute(selector: string, name: string): Promise<string | null>;
  /** The expression has the page's own names; elements are there by their ids. */
  evaluate(expression: string): Promise<unknown>;
  click(selector: string): Promise<void>;
  screenshot(options: { path: string; fullPage: boolean }): Promise<unknown>;
  readonly keyboard: { press(key: string): Promise<void> };
  waitForEvent(event: "download"): Promise<{ suggestedFilename(): string; path(): Promise<string> }>;
  on(event: "console", listener: (message: { type(): string; text(): string }) => void): void;
  on(event: "pageerror", listener: (error: Error) => void): void;
  close(): Promise<void>;
}
export interface Browser {
  newPage(options?: { colorScheme?: "light" | "dark"; viewport?: { width: number; height: number } }): Promise<Page>;
  close(): Promise<void>;
}
interface PlaywrightCore {
  readonly chromium: { launch(options: { executablePath: string; args: readonly string[] }): Promise<Browser> };
}

const CHROMIUMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"];

/** WebGPU on a software adapter is behind two flags; the others keep the browser from calling home. */
const FLAGS = ["--no-sandbox", "--enable-unsafe-webgpu", "--enable-unsafe-swiftshader", "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-sync", "--no-first-run"];

/** A sentence why there is no browser, or how to open one. */
export function findBrowser(): string | (() => Promise<Browser>) {
  const { LLR_PLAYWRIGHT: folder, LLR_CHROMIUM } = process.env;
  const executablePath = LLR_CHROMIUM ?? CHROMIUMS.find((path) => existsSync(path));
  if (folder === undefined) return "playwright-core is not set up (npm run gpu-setup)";
  if (executablePath === undefined) return "there is no Chromium; LLR_CHROMIUM may name one";
  const { chromium } = createRequire(import.meta.url)(folder) as PlaywrightCore;
  return () => chromium.launch({ executablePath, args: FLAGS });
}
