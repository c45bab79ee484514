// npm run gpu-setup: what tests of kernels in WGSL, `llr doctor --gpu` and `npm run bench -- --gpu` need beyond the installed
// packages: WebGPU for Node (132 MB, so nobody gets it unasked) and, for the tests, a Vulkan driver that computes on the CPU and
// what steers a browser. The packages are fetched, driver and browser only looked for. What was found is written down for the
// launcher.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./arrows.ts";

const cache = join(ROOT, ".cache");
/** Read by tools/run.mjs before it starts tests or benchmarks. */
const settingsFile = join(cache, "webgpu", "settings.json");

/** Where the Chromium of Debian and its relatives, and Chrome, keep the driver. */
const SOFTWARE_DRIVERS = ["/usr/lib/chromium/vk_swiftshader_icd.json", "/usr/lib/chromium-browser/vk_swiftshader_icd.json", "/opt/google/chrome/vk_swiftshader_icd.json"];

/** The exact version of a third-party package, from pnpm-workspace.yaml. */
export function catalogVersion(name: string): string {
  const version = new RegExp(`^ {2}"?${name.replace(".", "\\.")}"?: (\\d\\S*)`, "m").exec(readFileSync(join(ROOT, "pnpm-workspace.yaml"), "utf8"))?.[1];
  if (version === undefined) throw new Error(`gpu-setup: the catalog of pnpm-workspace.yaml has no exact version of ${name}.`);
  return version;
}

/** @returns the folder of an npm package */
function ensurePackage(name: "webgpu" | "playwright-core", size: string): string {
  const version = catalogVersion(name);
  const home = join(cache, name, version);
  const at = join(home, "node_modules", name);
  if (existsSync(at)) return at;
  console.log(`fetching ${name}@${version} from the npm registry into .cache/ (about ${size}, once)`);
  // Installed beside its place and renamed, so that an interrupted download never looks like a finished one.
  const partial = `${home}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, "package.json"), '{"private":true}');
  const { status, error } = spawnSync("npm", ["install", "--silent", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", `${name}@${version}`], { cwd: partial, stdio: "inherit", shell: process.platform === "win32" });
  const manifest = join(partial, "node_modules", name, "package.json");
  const installed = existsSync(manifest) ? (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version : "nothing";
  if (status !== 0 || installed !== version) {
    rmSync(partial, { recursive: true, force: true });
    throw new Error(`gpu-setup: npm was to install ${name}@${version} and installed ${installed}${error ? ` (${error.message})` : ""}. It needs the npm registry; run it again.`);
  }
  if (existsSync(home)) rmSync(partial, { recursive: true });
  else renameSync(partial, home);
  return at;
}

interface Adapter {
  readonly info: { readonly vendor: string; readonly device: string; readonly description: string };
}
interface WebGpuPackage {
  create(options: readonly string[]): { requestAdapter(): Promise<Adapter | null> };
}

async function main(): Promise<number> {
  const webgpu = ensurePackage("webgpu", "50 MB");
  const playwright = ensurePackage("playwright-core", "3 MB");
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
    console.error((error as Error).message);
    return 1;
  });
