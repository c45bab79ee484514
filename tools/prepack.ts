// `prepack` of every package, run by `npm pack`, `pnpm pack` and what publishes: nothing is packed that is not built of the present
// sources, or that nobody could install. `npm run packages` tries what comes out.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Export, type Manifest, readManifest, ROOT } from "./arrows.ts";

/** Dependencies whose versions only pnpm writes out, as "name: version". */
export function versionsForPnpm({ dependencies, peerDependencies, optionalDependencies }: Manifest): string[] {
  return Object.entries({ ...dependencies, ...peerDependencies, ...optionalDependencies })
    .filter(([, version]) => /^(workspace|catalog):/.test(version))
    .map(([name, version]) => `${name}: ${version}`);
}

/** Why a package must not be packed by the program with this user agent (npm_config_user_agent, as "npm/11.0.0 ..."); null if it may be. */
export function refusalToPack(manifest: Manifest, userAgent: string | undefined, pnpm: string): string | null {
  const versions = versionsForPnpm(manifest);
  const packer = userAgent?.split("/")[0] ?? "this program";
  if (versions.length === 0 || packer === "pnpm") return null;
  return `${manifest.name}: ${packer} would pack ${versions.join(", ")} as it stands here, which nobody could install. Only pnpm writes the versions out: npx ${pnpm} pack, or for every package npm run pack -- FOLDER.`;
}

/** Every file that the exports of a package name. */
export const exportedFiles = ({ exports = {} }: Manifest): string[] => Object.values(exports).flatMap((made: Export) => (typeof made === "string" ? [made] : Object.values(made)));

function prepack(name: string): number {
  const folder = join(ROOT, "packages", name);
  const manifest = readManifest(`packages/${name}/package.json`);
  const refusal = refusalToPack(manifest, process.env["npm_config_user_agent"], (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { packageManager: string }).packageManager);
  if (refusal !== null) {
    console.error(refusal);
    return 1;
  }
  // Outputs of sources that are gone would be packed, too.
  rmSync(join(folder, "dist"), { recursive: true, force: true });
  const tsc = (...args: readonly string[]): boolean => spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), ...args], { cwd: folder, stdio: ["ignore", 2, 2] }).status === 0;
  const lean = existsSync(join(folder, "tsconfig.pack.json"));
  const built = lean
    ? tsc("-p", "tsconfig.pack.json") && tsc("-p", "tsconfig.pack.json", "--declaration", "--declarationMap", "--emitDeclarationOnly", "--removeComments", "false")
    : tsc("-b");
  if (!built) return 1;
  // npm takes the licence from the package's own folder only.
  copyFileSync(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
  const missing = exportedFiles(manifest).filter((file) => !existsSync(join(folder, file)));
  if (missing.length > 0) console.error(`${manifest.name}: ${missing.join(", ")} would be exported and is not there after the build.`);
  return missing.length > 0 ? 1 : 0;
}

if (process.argv[1] === import.meta.filename) process.exitCode = prepack(process.argv[2]);
