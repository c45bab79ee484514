// Peers' packages, fetched by a comparison and by nothing else. They are no part of the workspace.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const peersFolder: string = join(import.meta.dirname, "..", "..", ".cache", "peers");

/** Exact, as everything that figures are taken from. */
export const PACKAGES: Readonly<Record<string, string>> = {
  "@jax-js/jax": "0.1.25",
  "@tensorflow/tfjs-backend-cpu": "4.22.0",
  "@tensorflow/tfjs-backend-wasm": "4.22.0",
  "@tensorflow/tfjs-core": "4.22.0",
  // The gradients of its ops: core's CommonJS build has none.
  "@tensorflow/tfjs-layers": "4.22.0",
};

/** @throws Error with one line when they cannot be had */
export function ensurePackages(folder: string = peersFolder): void {
  const manifest = JSON.stringify({ private: true, description: "Fetched by `npm run bench -- --peers`", dependencies: PACKAGES });
  const own = join(folder, "package.json");
  if (existsSync(own) && readFileSync(own, "utf8") === manifest) return;
  console.error(`fetching ${Object.entries(PACKAGES).map(([name, version]) => `${name}@${version}`).join(", ")} into .cache/peers (about 100 MB, once)`);
  // Installed beside its place and renamed, so that an interrupted download never looks like a finished one.
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, "package.json"), manifest);
  const { status, error } = spawnSync("npm", ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: partial, stdio: ["ignore", "inherit", "inherit"], shell: process.platform === "win32" });
  if (status !== 0) {
    rmSync(partial, { recursive: true, force: true });
    throw new Error(`npm install of the peers' packages failed${error ? ` (${error.message})` : ""}`);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
}
