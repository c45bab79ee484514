// npm run gpu-setup: what tests of kernels in WGSL, `llr doctor --gpu` and `npm run bench -- --gpu` need beyond the installed
// packages: WebGPU for Node (132 MB, so nobody gets it unasked) and, for the tests, a Vulkan driver that computes on the CPU and
// what steers a browser. The packages are fetched, driver and browser only looked for. What was found is written down for the
// launcher.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./arrows.ts";
import { fetchPackage } from "./fetchPackage.ts";

/** Read by tools/run.mjs before it starts tests or benchmarks. */
const settingsFile = join(ROOT, ".cache", "webgpu", "settings.json");

/** Where the Chromium of Debian and its relatives, and Chrome, keep the driver. */
const SOFTWARE_DRIVERS = ["/usr/lib/chromium/vk_swiftshader_icd.json", "/usr/lib/chromium-browser/vk_swiftshader_icd.json", "/opt/google/chrome/vk_swiftshader_icd.json"];

/** The exact version of a third-party package, from pnpm-workspace.yaml. */
export function catalogVersion(name: string): string {
  const version = new RegExp(`^ {2}"?${name.replace(".", "\\.")}"?: (\\d\\S*)`, "m").exec(readFileSync(join(ROOT, "pnpm-workspace.yaml"), "utf8"))?.[1];
  if (version === undefined) throw new Error(`the catalog of pnpm-workspace.yaml has no exact version of ${name}.`);
  return version;
}

interface Adapter {
  readonly info: { readonly vendor: string; readonly device: string; readonly description: string };
}
interface WebGpuPackage {
  create(options: readonly string[]): { requestAdapter(): Promise<Adapter | null> };
}

async function main(): Promise<number> {
  const webgpu = fetchPackage({ name: "webgpu", version: catalogVersion("webgpu"), size: "50 MB" });
  const playwright = fetchPackage({ name: "playwright-core", version: catalogVersion("playwright-core"), size: "3 MB" });
  const driver = SOFTWARE_DRIVERS.find((path) => existsSync(path));
  const onLinux = process.platform === "linux";
  // Vulkan's loader asks for XDG_RUNTIME_DIR, which services and containers lack.
  const forTests = { LLR_PLAYWRIGHT: playwright, ...(driver && { VK_DRIVER_FILES: driver }), ...(onLinux && { XDG_RUNTIME_DIR: process.env["XDG_RUNTIME_DIR"] ?? tmpdir() }) };
  Object.assign(process.env, forTests);
  const { create } = createRequire(import.meta.url)(webgpu) as WebGpuPackage;
  const adapter = await create(onLinux ? ["backend=vulkan"] : []).requestAdapter();
  if (adapter === null) {
    console.error(`gpu-setup: webgpu is installed, but finds no adapter to test on${onLinux ? ". As root: apt-get install --no-install-recommends libvulkan1 chromium (Chromium brings SwiftShader, a Vulkan driver that computes on the CPU)" : ""}.`);
    return 1;
  }
  writeFileSync(settingsFile, `${JSON.stringify({ LLR_WEBGPU: webgpu, forTests }, null, 1)}\n`);
  const { vendor, device, description } = adapter.info;
  console.log(`gpu-setup: npm test will also run the kernels in WGSL, on ${[vendor, device, description].filter(Boolean).join(", ")}`);
  return 0;
}

if (process.argv[1] === import.meta.filename)
  process.exitCode = await main().catch((error: unknown) => {
    console.error(`gpu-setup: ${(error as Error).message}`);
    return 1;
  });
