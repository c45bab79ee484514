// What the packages are tried with: package managers, compilers and engines, each an npm package with an exact version.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT, readManifest } from "../arrows.ts";
import { fetchPackage } from "../fetchPackage.ts";

const windows = process.platform === "win32";
/** As npm names the binaries of Node and of bun. */
const os = windows ? "win" : process.platform;
const apple = process.platform === "darwin" && process.arch === "arm64" ? "bin-" : "";
const bunOs = windows ? "windows" : process.platform;
const bunArch = process.arch === "arm64" ? "aarch64" : process.arch;

/** The oldest Node that we say the libraries run on, and the last of each line after it. */
export const NODES = ["20.19.0", "22.23.5", "24.22.3", "26.10.0"] as const;
/** The oldest compiler that we say the types are for, the last of its line, and both that came after. */
export const TYPESCRIPTS = ["5.4.5", "5.9.3", "6.0.3", "7.0.2"] as const;

/** A program and its first arguments. */
export type Command = readonly [string, ...string[]];

/** This process's Node where it is that version, else one from the npm registry, where the launcher keeps them. */
export function nodeBinary(version: string): string {
  if (process.versions.node === version) return process.execPath;
  const folder = fetchPackage({ name: `node-${apple}${os}-${process.arch}`, version, size: "50 MB", folder: "node" });
  return join(folder, "bin", windows ? "node.exe" : "node");
}

/** tsc of that version. */
export function compiler(version: string): Command {
  const own = join(ROOT, "node_modules/typescript");
  const isOwn = existsSync(own) && (readManifest("node_modules/typescript/package.json") as { version?: string }).version === version;
  return [process.execPath, join(isOwn ? own : fetchPackage({ name: "typescript", version, size: "6 MB" }), "bin/tsc")];
}

export const npm: Command = ["npm"];
export const pnpm = (): Command => ["npx", "--yes", (readManifest("package.json") as { packageManager: string }).packageManager];
export const yarn = (): Command => [process.execPath, join(fetchPackage({ name: "yarn", version: "1.22.22", size: "1 MB" }), "bin/yarn.js")];
/** Yarn of today, which by default keeps packages packed and makes no node_modules. */
export const yarnBerry = (): Command => [process.execPath, join(fetchPackage({ name: "@yarnpkg/cli-dist", version: "4.18.1", size: "1 MB" }), "bin/yarn.js")];
export const bun = (): Command => [join(fetchPackage({ name: `@oven/bun-${bunOs}-${bunArch}`, version: "1.4.5", size: "40 MB" }), "bin", windows ? "bun.exe" : "bun")];
