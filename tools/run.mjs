// The launcher behind every npm script, and the one file that runs before anything is installed: plain ESM for
// Node >= 20 without dependencies. It finds (or fetches, once) a Node that runs .ts files, installs the pinned
// packages when the lockfile is newer than node_modules, and starts the task without a shell.
import { spawn } from "node:child_process";
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
/** The packages' own sources instead of what is built of them, in every Node that is started: see tools/sources.ts. */
const SOURCES = "--conditions=@llr/source";
const env = { ...process.env };
if (!env.NODE_OPTIONS?.includes(SOURCES)) env.NODE_OPTIONS = [env.NODE_OPTIONS, SOURCES].filter(Boolean).join(" ");
/** Signals that ask a program to end; the one that was heard. */
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"];
let heard = null;

/** Above us when we began. The parent of a shell that npm has left already is init. */
const started = npmAbove().replace(/ 1$/, (above) => (/^npm|node/.test(nameOf(1)) ? above : " nobody"));

const leave = (status, signal) => process.exit(signal ? 128 + (constants.signals[signal] ?? 0) : (status ?? 1));

/**
 * Runs a command in the foreground and leaves with its exit code when it fails. A signal that asks the launcher to end is
 * handed to the command, which decides what it means; the launcher waits for it. Ctrl-C in a terminal reaches the command
 * directly, too: of a request that comes twice within moments it must make one.
 */
async function sh(command, args, options = {}) {
  if (heard) leave(null, heard); // between two commands
  const child = spawn(command, args, { cwd: root, stdio: "inherit", env: { ...env, LLR_LAUNCHER: String(process.pid) }, shell: windows, ...options });
  const forward = (signal) => {
    heard = signal;
    if (!windows) child.kill(signal); // there it would end at once; Ctrl-C reaches it by the console
  };
  for (const signal of ENDING) process.on(signal, forward);
  const watch = watchParent(() => forward("SIGHUP"));
  const [status, signal] = await new Promise((resolve) => {
    child.on("error", (error) => {
      console.error(`launcher: cannot run ${command}: ${error.message}`);
      process.exit(1);
    });
    child.on("exit", (...how) => resolve(how));
  });
  for (const name of ENDING) process.off(name, forward);
  clearInterval(watch);
  if (status !== 0) leave(status, signal);
}

/**
 * npm hands SIGINT and SIGTERM to the shell that it started us with, and the shell to nobody: it dies, and npm with it. So
 * that no command runs on unseen, the end of either is a signal, too.
 */
function watchParent(onEnd) {
  if (env.npm_lifecycle_event === undefined) return undefined; // started by hand, perhaps to outlive its shell
  const watch = setInterval(() => {
    if (npmAbove() === started) return;
    clearInterval(watch);
    onEnd();
  }, 250);
  return watch;
}

/** The processes from here to npm; without /proc, only the first is known. */
function npmAbove() {
  try {
    // "1234 (sh) S 1233 ...": name, state and parent of a process.
    const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${process.ppid}/stat`, "utf8"));
    return nameOf(process.ppid).endsWith("sh") ? `${process.ppid} ${parent}` : `${process.ppid}`;
  } catch {
    return `${process.ppid}`;
  }
}

function nameOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

function isNewEnough() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}

/** The Node that runs .ts files: the system's when it is new enough, else one from the npm registry in .cache/node. */
async function ensureNode() {
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
  await sh("npm", ["install", "--silent", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", `${name}@${FALLBACK}`], { cwd: partial });
  if (existsSync(home)) rmSync(partial, { recursive: true });
  else renameSync(partial, home);
  return binary(home);
}

/** node_modules must be at least as new as the lockfile. */
async function ensureInstalled() {
  const stamp = join(root, "node_modules", ".llr-installed");
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(join(root, "pnpm-lock.yaml")).mtimeMs) return;
  await sh("npx", ["--yes", pnpm, "install", "--frozen-lockfile"]);
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
  return node("--expose-gc", bin("vitest", "vitest.mjs"), "run", ...args);
};

const tasks = {
  start: (args) => node("packages/lab/src/bin.ts", "compare", ...args),
  llr: (args) => {
    useGpuSetup({ forTests: false });
    return node("packages/lab/src/bin.ts", ...args);
  },
  typecheck: async () => {
    await node(bin("typescript", "bin/tsc"), "-b");
    await node(bin("typescript", "bin/tsc"), "-p", "tsconfig.check.json");
    await node(bin("typescript", "bin/tsc"), "-p", "docs/gpu-page");
  },
  lint: (args) => node(bin("oxlint", "bin/oxlint"), "--deny-warnings", ...args),
  /** With arguments (a file or a name) only those tests; without, type check, lint and everything. */
  test: async (args) => {
    if (args.length === 0) {
      await tasks.typecheck();
      await tasks.lint([]);
    }
    await vitest(...args);
  },
  /** Every fuzzer in its long form, or those whose name is given: `npm run fuzz -- states`. */
  fuzz: (args) => {
    env.LLR_FUZZ = "long";
    return vitest(...(args.length === 0 ? [".fuzz.test."] : args.map((name) => `${name}.fuzz.test.`)));
  },
  build: () => node(bin("typescript", "bin/tsc"), "-b"),
  prepack: (args) => node("tools/prepack.ts", ...args),
  /** Every package as a file to install: `npm run pack -- FOLDER`. */
  pack: (args) => node("tools/packages/pack.ts", ...args),
  /** Packs, installs, imports and type-checks the packages as users do; `--all` with every program that we know. */
  packages: (args) => node("tools/packages/check.ts", ...args),
  bench: (args) => {
    // The software adapter only where it is asked for: it would hide a graphics card.
    useGpuSetup({ forTests: args.includes("--software") });
    return node("--expose-gc", "bench/src/bin.ts", ...args);
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
const nodePath = await ensureNode();
env.PATH = [dirname(nodePath), join(root, "node_modules", ".bin"), env.PATH].join(delimiter);
await ensureInstalled();
await tasks[task](args);
