// The launcher behind every npm script, and the one file that runs before anything is installed: plain ESM for
// Node >= 20 without dependencies. It finds (or fetches, once) a Node that runs .ts files, installs the pinned
// packages when the lockfile is newer than node_modules, and starts the task without a shell.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** "pnpm@x.y.z" */
const pnpm = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager;
/** First Node that strips types without a flag. */
const MINIMUM = [22, 18];
/** Fetched when the system's Node is older; the newest version published for every platform alike. */
const FALLBACK = "26.10.0";
const windows = process.platform === "win32";
const env = { ...process.env };

function finish(status, signal) {
  process.exit(signal ? 128 + (constants.signals[signal] ?? 0) : (status ?? 1));
}

/** Runs a command in the foreground and leaves with its exit code when it fails. */
function sh(command, args, options = {}) {
  // Ctrl-C reaches the whole foreground group: the child decides what it means, the launcher waits for it.
  const ignore = () => {};
  process.on("SIGINT", ignore);
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", env, shell: windows, ...options });
  process.off("SIGINT", ignore);
  if (result.error) {
    console.error(`launcher: cannot run ${command}: ${result.error.message}`);
    process.exit(1);
  }
  if (result.status !== 0) finish(result.status, result.signal);
}

function isNewEnough() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}

/** The Node that runs .ts files: the system's when it is new enough, else one from the npm registry in .cache/node. */
function ensureNode() {
  if (isNewEnough()) return process.execPath;
  const os = windows ? "win" : process.platform;
  const name = `node-${os === "darwin" && process.arch === "arm64" ? "bin-" : ""}${os}-${process.arch}`;
  const home = join(root, ".cache", "node", FALLBACK);
  const binary = (folder) => join(folder, "node_modules", name, "bin", windows ? "node.exe" : "node");
  if (existsSync(binary(home))) return binary(home);
  console.error(`Node ${process.version} is older than ${MINIMUM.join(".")}: fetching ${name}@${FALLBACK} from the npm registry into .cache/ (about 50 MB, once)`);
  // Installed beside its place and renamed, so that an interrupted download never looks like a finished one.
  const partial = `${home}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, "package.json"), '{"private":true}');
  sh("npm", ["install", "--silent", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", `${name}@${FALLBACK}`], { cwd: partial });
  if (existsSync(home)) rmSync(partial, { recursive: true });
  else renameSync(partial, home);
  return binary(home);
}

/** node_modules must be at least as new as the lockfile. */
function ensureInstalled() {
  const stamp = join(root, "node_modules", ".llr-installed");
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(join(root, "pnpm-lock.yaml")).mtimeMs) return;
  sh("npx", ["--yes", pnpm, "install", "--frozen-lockfile"]);
  writeFileSync(stamp, "");
}

/** What `npm run gpu-setup` has found: WebGPU for Node and, for tests, a driver. Settings that are there already win. */
function useGpuSetup({ forTests }) {
  const file = join(root, ".cache", "webgpu", "settings.json");
  if (env.LLR_WEBGPU !== undefined || !existsSync(file)) return;
  const found = JSON.parse(readFileSync(file, "utf8"));
  if (!existsSync(found.LLR_WEBGPU)) return;
  env.LLR_WEBGPU = found.LLR_WEBGPU;
  if (forTests) for (const [name, value] of Object.entries(found.forTests)) env[name] ??= value;
}

const bin = (name, file) => join(root, "node_modules", name, file);
const node = (...args) => sh(nodePath, args, { shell: false });
/** `--expose-gc` lets the memory tests ask for a collection instead of waiting for one. */
const vitest = (...args) => {
  useGpuSetup({ forTests: true });
  node("--expose-gc", bin("vitest", "vitest.mjs"), "run", ...args);
};

const tasks = {
  start: (args) => node("packages/lab/src/bin.ts", "compare", ...args),
  llr: (args) => {
    useGpuSetup({ forTests: false });
    node("packages/lab/src/bin.ts", ...args);
  },
  typecheck: () => {
    node(bin("typescript", "bin/tsc"), "-b");
    node(bin("typescript", "bin/tsc"), "-p", "tsconfig.check.json");
    node(bin("typescript", "bin/tsc"), "-p", "docs/gpu-page");
  },
  lint: (args) => node(bin("oxlint", "bin/oxlint"), "--deny-warnings", ...args),
  /** With arguments (a file or a name) only those tests; without, type check, lint and everything. */
  test: (args) => {
    if (args.length === 0) {
      tasks.typecheck();
      tasks.lint([]);
    }
    vitest(...args);
  },
  /** Every fuzzer in its long form, or those whose name is given: `npm run fuzz -- states`. */
  fuzz: (args) => {
    env.LLR_FUZZ = "long";
    vitest(...(args.length === 0 ? [".fuzz.test."] : args.map((name) => `${name}.fuzz.test.`)));
  },
  build: () => node(bin("typescript", "bin/tsc"), "-b"),
  bench: (args) => {
    // The software adapter only where it is asked for: it would hide a graphics card.
    useGpuSetup({ forTests: args.includes("--software") });
    node("--expose-gc", "bench/src/bin.ts", ...args);
  },
  "gpu-setup": (args) => node("tools/gpuSetup.ts", ...args),
  kernels: (args) => node("packages/tensor/kernels/build.ts", ...args),
  conformance: (args) => node("conformance/run.ts", ...args),
  /** Without arguments a development server; `build`, then `preview`, for the page as it is published. */
  "gpu-page": (args) => node(bin("vite", "bin/vite.js"), ...args, "--config", "docs/gpu-page/node/vite.config.ts"),
};

const [task = "start", ...args] = process.argv.slice(2);
if (!Object.hasOwn(tasks, task)) {
  console.error(`launcher: unknown task ${task}; one of ${Object.keys(tasks).join(", ")}`);
  process.exit(2);
}
const nodePath = ensureNode();
env.PATH = [dirname(nodePath), join(root, "node_modules", ".bin"), env.PATH].join(delimiter);
ensureInstalled();
tasks[task](args);
