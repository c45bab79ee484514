// What a tarball holds, and whether that is complete.
import { globSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { type Manifest } from "../arrows.ts";
import { exportedFiles, versionsForPnpm } from "../prepack.ts";
import { mustRun } from "./run.ts";

export interface Tarball {
  /** Sorted paths of its files, without the folder "package/" in which they lie. */
  readonly files: readonly string[];
  readonly manifest: Manifest & { readonly bin?: Readonly<Record<string, string>> };
  text(file: string): string;
}

/** Unpacks it beside itself. */
export function open(path: string): Tarball {
  const folder = path.replace(/\.tgz$/, "");
  mkdirSync(folder, { recursive: true });
  mustRun(["tar"], ["-xzf", path, "-C", folder], folder);
  const root = join(folder, "package");
  const text = (file: string): string => readFileSync(join(root, file), "utf8");
  const files = globSync("**/*", { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1).replaceAll("\\", "/"));
  return { files: files.sort(), manifest: JSON.parse(text("package.json")) as Tarball["manifest"], text };
}

/** What is wrong with a package as it would be installed, one sentence each. */
export function tarballFaults({ files, manifest, text }: Tarball): string[] {
  const holds = new Set(files);
  const clean = (path: string): string => normalize(path).replaceAll("\\", "/");
  const named = [...exportedFiles(manifest), ...Object.values(manifest.bin ?? {})].map(clean).filter((file) => !holds.has(file));
  const links = files.filter((file) => file.endsWith(".md")).flatMap((file) =>
    [...text(file).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, target]) => target)
      .filter((target) => !/^https?:/.test(target) && !holds.has(clean(join(dirname(file), target))))
      .map((target) => `${file} links to ${target}, which is not in it`));
  return [
    ...named.map((file) => `package.json names ${file}, which is not in it`),
    ...versionsForPnpm(manifest).map((version) => `${version} cannot be installed`),
    ...links,
    ...(holds.has("LICENSE") ? [] : ["the licence is not in it"]),
    ...files.filter((file) => /\.test\.|\.tsbuildinfo$|^src\/test\//.test(file)).map((file) => `${file} is for tests or builds only`),
  ];
}
