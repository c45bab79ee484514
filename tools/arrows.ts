// Who may import whom. The arrows are data; what a source file imports is read from its syntax tree, so that comments and
// strings do not count and `import type` and `import("...")` do.
import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, normalize } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";
import { SOURCE_CONDITION } from "./sources.ts";

export const ROOT: string = dirname(dirname(fileURLToPath(import.meta.url)));

export interface Member {
  /** Where its sources lie; a relative import may not lead out of it. */
  readonly folder: string;
  /** The packages of the workspace that it may import. */
  readonly imports: readonly string[];
  /** Which of its files may import `node:` modules and the `/node` entries of other packages. */
  readonly node: "all" | "nodeFolder" | "none";
  /** Whether it may have dependencies from outside the workspace; "optionalPeers": only such that nobody gets unasked. */
  readonly thirdParty: boolean | "optionalPeers";
}

const EVERY_PACKAGE = ["tensor", "autograd", "nn", "optim", "data", "train", "lab"];
const library = (name: string, imports: string[], rest: Partial<Member> = {}): [string, Member] =>
  [name, { folder: `packages/${name}/src`, imports, node: "none", thirdParty: false, ...rest }];
const workshop = (folder: string): [string, Member] => [folder, { folder, imports: EVERY_PACKAGE, node: "all", thirdParty: true }];

/** Every part of the repository that holds code. A package may always import itself by name in its tests. */
export const MEMBERS: ReadonlyMap<string, Member> = new Map([
  library("tensor", [], { thirdParty: "optionalPeers" }),
  library("autograd", ["tensor"]),
  library("nn", ["autograd", "tensor"]),
  library("optim", []),
  library("data", ["tensor"], { node: "nodeFolder", thirdParty: true }),
  library("train", ["nn", "optim", "data", "autograd", "tensor"], { node: "nodeFolder", thirdParty: true }),
  library("lab", ["train", "nn", "optim", "data", "autograd", "tensor"], { node: "all", thirdParty: true }),
  workshop("bench"),
  workshop("conformance"),
  workshop("tools"),
  ["gpu-page", { folder: "docs/gpu-page", imports: ["train", "nn", "optim", "data", "autograd", "tensor"], node: "nodeFolder", thirdParty: true }],
]);

/** An entry of `exports`: a file, or where its source and what is built of it lie. */
export type Export = string | Readonly<Record<string, string>>;

/** The fields of a package.json that are looked at. */
export interface Manifest {
  readonly name?: string;
  readonly exports?: Readonly<Record<string, Export>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export const readManifest = (path: string): Manifest => JSON.parse(readFileSync(join(ROOT, path), "utf8")) as Manifest;

/** The file that this repository runs. */
export const sourceOf = (entry: Export | undefined): string | undefined => (typeof entry === "object" ? entry[SOURCE_CONDITION] : entry);

/** The source files of a member, as paths from the root with forward slashes. Kernels (*.simd.ts) are another language. */
export function sourcesOf(name: string): string[] {
  const { folder } = MEMBERS.get(name) as Member;
  return globSync(`${folder}/**/*.{ts,mts,js,mjs}`, { cwd: ROOT, exclude: (path) => /node_modules|dist$|\.simd\.ts$/.test(path) })
    .map((path) => path.replaceAll("\\", "/"))
    .sort();
}

/** What tests of several folders share. Tests may import it by its path, from wherever they stand; nothing else may. */
export const TEST_SUPPORT: ReadonlySet<string> = new Set(["packages/tensor/src/gpu/agreement.ts", "packages/tensor/src/gpu/testDevices.ts", "tools/browser.ts", "tools/fuzz.ts", "tools/testGpus.ts"]);

/** Tests, and what only tests use: neither is published. */
export const isTestFile = (file: string): boolean => /\.test\.\w+$|\/src\/test\//.test(file) || TEST_SUPPORT.has(file);

/** What a source text imports, wherever and however it does; null for an `import()` of something computed. */
export function specifiersOf(file: string, text: string): (string | null)[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const found: (string | null)[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    const node = value as { type?: string; source?: { type?: string; value?: unknown } | null };
    if (/^(Import|Export\w+)Declaration$|^ImportExpression$|^TSImportType$/.test(node.type ?? "") && node.source)
      found.push(typeof node.source.value === "string" ? node.source.value : null);
    Object.values(value).forEach(visit);
  };
  visit(program);
  return found;
}

/** What is loaded before a module runs. `import type` loads nothing, `import("...")` only when it is reached. */
export function loadedAtStart(file: string, text: string): string[] {
  const { program } = parseSync(file, text);
  return program.body.flatMap((node) => {
    if (node.type !== "ImportDeclaration" && node.type !== "ExportNamedDeclaration" && node.type !== "ExportAllDeclaration") return [];
    const isOfTypes = (node.type === "ImportDeclaration" ? node.importKind : node.exportKind) === "type";
    return isOfTypes || !node.source ? [] : [node.source.value];
  });
}

/** A source file (as a path from the root) and all of the workspace that is loaded with it, through every package. */
export function filesLoadedWith(entry: string): ReadonlySet<string> {
  const files = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const specifier of loadedAtStart(file, readFileSync(join(ROOT, file), "utf8"))) {
      const [, own, rest] = /^@llr\/([^/]+)(?:\/(.*))?$/.exec(specifier) ?? [];
      if (specifier.startsWith(".")) visit(normalize(join(dirname(file), specifier)));
      else if (own !== undefined) visit(join("packages", own, sourceOf(readManifest(`packages/${own}/package.json`).exports?.[rest === undefined ? "." : `./${rest}`]) ?? ""));
    }
  };
  visit(entry);
  return files;
}

/**
 * What is wrong with the imports of one file, one sentence each.
 *
 * @param dependencies  third-party packages that the file's package.json (for tests: the root's) lists
 */
export function importFaults(name: string, file: string, text: string, dependencies: ReadonlySet<string>): string[] {
  const member = MEMBERS.get(name) as Member;
  // Runners and tools load what they are given.
  const isPublic = member.folder.startsWith("packages/");
  const isTest = isTestFile(file);
  const mayUseNode = isTest || member.node === "all" || (member.node === "nodeFolder" && file.startsWith(`${member.folder}/node/`));
  const fault = (specifier: string): string | null => {
    if (specifier.startsWith(".")) {
      const target = normalize(join(dirname(file), specifier));
      if (TEST_SUPPORT.has(target)) return isTest ? null : "is for tests only";
      if (!target.startsWith(`${member.folder}/`)) return `leads out of ${member.folder}: import the package by its name`;
      const isForNode = member.node === "nodeFolder" && target.startsWith(`${member.folder}/node/`);
      return isForNode && !mayUseNode ? "is for Node only, and this file is for browsers too" : null;
    }
    if (isBuiltin(specifier)) return mayUseNode ? null : "is a module of Node, and this file is for browsers too";
    const [, own, entry] = /^@llr\/([^/]+)(?:\/(.*))?$/.exec(specifier) ?? [];
    if (own === undefined) return dependencies.has(packageOf(specifier)) ? null : "is not in the dependencies of package.json";
    if (own === name) return isTest ? null : "is this package itself: import the file";
    if (!member.imports.includes(own)) return `is not among what ${name} may import (${member.imports.join(", ") || "nothing"})`;
    return entry === "node" && !mayUseNode ? "is for Node only, and this file is for browsers too" : null;
  };
  return specifiersOf(file, text).flatMap((specifier) => {
    if (specifier === null) return isPublic ? [`${file}: an import() is computed: only a literal can be checked`] : [];
    const problem = fault(specifier);
    return problem === null ? [] : [`${file}: import of ${specifier} ${problem}`];
  });
}

/** `a/b/c` is of the package `a`, `@a/b/c` of `@a/b`. */
const packageOf = (specifier: string): string => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

/** What is wrong with the dependencies of a package.json, one sentence each. */
export function manifestFaults(name: string, manifest: Manifest): string[] {
  const member = MEMBERS.get(name) as Member;
  const { dependencies, devDependencies, peerDependencies, peerDependenciesMeta, optionalDependencies } = manifest;
  const isAllowed = (dependency: string): boolean =>
    member.thirdParty === true || (member.thirdParty === "optionalPeers" && peerDependenciesMeta?.[dependency]?.optional === true && dependencies?.[dependency] === undefined);
  const all = [dependencies, devDependencies, peerDependencies, optionalDependencies].flatMap((field) => Object.entries(field ?? {}));
  return all.flatMap(([dependency, version]) => {
    const own = /^@llr\/(.+)$/.exec(dependency)?.[1];
    if (own === undefined) {
      if (!isAllowed(dependency)) return [`${name}: depends on ${dependency}, but may not have dependencies from outside the workspace`];
      return version === "catalog:" ? [] : [`${name}: ${dependency} is ${version}: its version belongs into the catalog of pnpm-workspace.yaml`];
    }
    if (!member.imports.includes(own))
      return [`${name}: depends on ${dependency}, which is not among what it may import (${member.imports.join(", ") || "nothing"})`];
    return version.startsWith("workspace:") ? [] : [`${name}: ${dependency} is ${version}, not the workspace's own`];
  });
}
