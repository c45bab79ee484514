// npm run pack -- FOLDER: every package as a file that can be installed, `FOLDER/llr-NAME.tgz`.
import { mkdirSync, readdirSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";
import { MEMBERS, ROOT } from "../arrows.ts";
import { type Command, pnpm } from "./programs.ts";
import { mustRun } from "./run.ts";

export const PACKAGES: readonly string[] = [...MEMBERS].filter(([, { folder }]) => folder.startsWith("packages/")).map(([name]) => name);

/** Packs one package with one program; its `prepack` builds it. @returns the tarball */
export function pack(packer: Command, name: string, folder: string): string {
  const into = join(folder, `.${name}`);
  mkdirSync(into, { recursive: true });
  mustRun(packer, ["pack", "--pack-destination", into], join(ROOT, "packages", name));
  const tarball = join(folder, `llr-${name}.tgz`);
  renameSync(join(into, readdirSync(into)[0]), tarball);
  return tarball;
}

/** Every package, packed by pnpm, which alone writes out the versions of the workspace and of its catalog. */
export function packAll(folder: string): ReadonlyMap<string, string> {
  return new Map(PACKAGES.map((name) => [name, pack(pnpm(), name, folder)]));
}

if (process.argv[1] === import.meta.filename) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    console.error("pack: it needs a folder for the files: npm run pack -- ../packed");
    process.exitCode = 2;
  } else for (const tarball of packAll(resolve(folder)).values()) console.log(tarball);
}
