import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { filesLoadedWith, importFaults, isTestFile, loadedAtStart, type Manifest, manifestFaults, type Member, MEMBERS, readManifest, ROOT, sourceOf, sourcesOf, specifiersOf, TEST_SUPPORT } from "./arrows.ts";
import { SOURCE_CONDITION } from "./sources.ts";

const names = [...MEMBERS.keys()];
const packages = names.filter((name) => MEMBERS.get(name)?.folder.startsWith("packages/"));
const manifestPath = (name: string): string => `${MEMBERS.get(name)?.folder.replace(/\/src$/, "")}/package.json`;
/** `tools` has no package.json of its own: it belongs to the root. */
const manifestOf = (name: string): Manifest => readManifest(existsSync(join(ROOT, manifestPath(name))) ? manifestPath(name) : "package.json");
const listed = ({ dependencies, devDependencies }: Manifest): string[] => Object.keys({ ...dependencies, ...devDependencies });

describe("the repository", () => {
  it.each(names)("%s imports only what it may", (name) => {
    const own = new Set(listed(manifestOf(name)));
    const withTools = new Set([...own, ...listed(readManifest("package.json"))]);
    const faults = sourcesOf(name).flatMap((file) => importFaults(name, file, readFileSync(join(ROOT, file), "utf8"), isTestFile(file) ? withTools : own));
    expect(faults).toEqual([]);
  });

  it.each(names)("%s depends only on what it may, with versions from the catalog", (name) => {
    expect(manifestFaults(name, manifestOf(name))).toEqual([]);
  });

  it("publishes nothing that only tests use", () => {
    for (const file of TEST_SUPPORT) {
      const [, name, path] = /^packages\/([^/]+)\/(.*)$/.exec(file) ?? [];
      if (name === undefined) continue;
      expect((manifestOf(name) as { files: string[] }).files).toContain(`!${path}`);
      expect((JSON.parse(readFileSync(join(ROOT, "packages", name, "tsconfig.json"), "utf8")) as { exclude: string[] }).exclude).toContain(path);
    }
  });

  it("has no package that is missing from the list", () => {
    expect(readdirSync(join(ROOT, "packages")).toSorted()).toEqual(packages.toSorted());
  });

  it.each(packages)("%s exports its sources to the repository and what is built of them to everybody else", (name) => {
    const { exports, files, publishConfig } = manifestOf(name) as Manifest & { files: string[]; publishConfig: object };
    const { "./package.json": itself, ...made } = exports as Readonly<Record<string, Readonly<Record<string, string>>>>;
    for (const entry of Object.values(made)) {
      const path = /^\.\/src\/(.*)\.ts$/.exec(entry[SOURCE_CONDITION])?.[1];
      // The order counts: the first condition that holds is taken.
      expect(Object.entries(entry)).toEqual([[SOURCE_CONDITION, `./src/${path}.ts`], ["types", `./dist/${path}.d.ts`], ["default", `./dist/${path}.js`]]);
    }
    expect(itself).toBe("./package.json");
    expect(files).toEqual(expect.arrayContaining(["dist", "src", "!src/**/*.test.ts"]));
    // pnpm would put these in the place of the others, npm would not.
    expect(publishConfig).toEqual({ access: "public" });
  });

  it("has no circle of imports", () => {
    const reachable = (name: string): string[] => (MEMBERS.get(name) as Member).imports.flatMap((other) => [other, ...reachable(other)]);
    for (const name of packages) expect(reachable(name)).not.toContain(name);
  });
});

/** Every module that other packages can import. */
const entries = packages.flatMap((name) =>
  Object.entries(manifestOf(name).exports ?? {})
    .map(([entry, made]) => [entry, sourceOf(made) as string])
    .filter(([, file]) => /\.[mt]s$/.test(file))
    .map(([entry, file]) => ({ entry: join("@llr", name, entry), path: join("packages", name, file), file: join(ROOT, "packages", name, file) })));

describe("importing a package", () => {
  it.concurrent.each(entries)("$entry starts nothing: no output, no global, no listener, and the process ends by itself", async ({ file }) => {
    const program = `
      const state = () => ({ globals: Reflect.ownKeys(globalThis).map(String), listeners: process.eventNames().map(String) });
      const before = state();
      await import(${JSON.stringify(pathToFileURL(file).href)});
      console.log(JSON.stringify({ before, after: state() }));`;
    // Node 22 warns that it strips types. A process that has not ended after 50 s is killed, which fails the test.
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program], { timeout: 50_000 });
    const { before, after } = JSON.parse(stdout) as Record<string, object>;
    expect(after).toEqual(before);
    expect(stderr).toBe("");
  });
});

describe("devices", () => {
  const ofDevices = (path: string): string[] => [...filesLoadedWith(path)].filter((file) => /\/gpu\/|\.gpu\.ts$/.test(file));

  it.each(entries.filter(({ entry }) => !entry.endsWith("/gpu")))("$entry loads nothing of them", ({ path }) => {
    expect(ofDevices(path)).toEqual([]);
  });

  it("are loaded with @llr/tensor/gpu, every op's kernels among them, but gpu.js only when asked for", () => {
    const files = ofDevices("packages/tensor/src/gpu/index.ts");
    expect(files).toEqual(expect.arrayContaining(sourcesOf("tensor").filter((file) => file.endsWith(".gpu.ts"))));
    expect(files.flatMap((file) => loadedAtStart(file, readFileSync(join(ROOT, file), "utf8"))).filter((specifier) => !specifier.startsWith("."))).toEqual([]);
  });
});

describe("the checker", () => {
  const faults = (name: string, file: string, text: string, dependencies: string[] = []): string[] => importFaults(name, file, text, new Set(dependencies));

  it("finds every form of import and ignores comments and strings", () => {
    const text = `
      // import "in-a-comment";
      /** @example import { x } from "in-a-doc-comment"; */
      import "bare";
      import type { A } from "of-types";
      import { b } from "named";
      export { c } from "again";
      export * from "all";
      const d = await import("dynamic");
      type E = import("in-a-type").E;
      const text = 'import "in-a-string"';
      export const f = await import(text), g = /"/, h = "//";
      export const i = 1;
    `;
    expect(specifiersOf("a.ts", text)).toEqual(["bare", "of-types", "named", "again", "all", "dynamic", "in-a-type", null]);
  });

  it("knows what an import loads: not types, and not what is imported later", () => {
    const text = 'import type { A } from "types"; export type { B } from "more types"; import { type C } from "a"; export * from "b"; export const d = (): unknown => import("later");';
    expect(loadedAtStart("a.ts", text)).toEqual(["a", "b"]);
    expect(filesLoadedWith("packages/nn/src/index.ts")).toContain("packages/tensor/src/shape.ts");
  });

  it("fails on an arrow that is not listed, also as a type and through another entry", () => {
    expect(faults("tensor", "packages/tensor/src/a.ts", 'import type { Module } from "@llr/nn";')).toEqual([
      "packages/tensor/src/a.ts: import of @llr/nn is not among what tensor may import (nothing)",
    ]);
    expect(faults("nn", "packages/nn/src/a.ts", 'export * from "@llr/optim/deep"; import "@llr/tensor/engine";')).toEqual([
      "packages/nn/src/a.ts: import of @llr/optim/deep is not among what nn may import (autograd, tensor)",
    ]);
    expect(faults("optim", "packages/optim/src/a.test.ts", 'import "@llr/tensor"; import "@llr/optim";')).toHaveLength(1);
    expect(faults("nn", "packages/nn/src/a.ts", 'import "@llr/nn";')).toEqual(["packages/nn/src/a.ts: import of @llr/nn is this package itself: import the file"]);
  });

  it("fails on a relative path that leaves the package's sources", () => {
    expect(faults("nn", "packages/nn/src/layers/a.ts", 'import "../b.ts"; import "../../../tensor/src/index.ts";')).toEqual([
      "packages/nn/src/layers/a.ts: import of ../../../tensor/src/index.ts leads out of packages/nn/src: import the package by its name",
    ]);
    expect(faults("bench", "bench/src/a.ts", 'import "../../packages/nn/src/index.ts"; import "../b.ts";')).toHaveLength(1);
    expect(faults("nn", "packages/nn/src/a.ts", 'import "../src-of-another/b.ts";')).toHaveLength(1);
  });

  it("fails on what tests share, but in tests", () => {
    const text = 'import "../../../../tools/testGpus.ts";';
    expect(faults("train", "packages/train/src/gpu/a.test.ts", text)).toEqual([]);
    expect(faults("train", "packages/train/src/gpu/a.ts", text)).toEqual(["packages/train/src/gpu/a.ts: import of ../../../../tools/testGpus.ts is for tests only"]);
    expect(faults("tensor", "packages/tensor/src/gpu/a.ts", 'import "./testDevices.ts";')).toHaveLength(1);
  });

  it("fails on Node's modules, by either spelling, wherever a browser may come", () => {
    for (const specifier of ["node:fs", "fs", "path/posix"]) {
      const text = `import "${specifier}";`;
      expect(faults("tensor", "packages/tensor/src/a.ts", text)).toEqual([`packages/tensor/src/a.ts: import of ${specifier} is a module of Node, and this file is for browsers too`]);
      expect(faults("data", "packages/data/src/a.ts", text)).toHaveLength(1);
      for (const file of ["packages/data/src/node/a.ts", "packages/train/src/node/a.ts", "packages/lab/src/a.ts", "packages/nn/src/a.test.ts"])
        expect(faults(file.split("/")[1], file, text)).toEqual([]);
      expect(faults("tools", "tools/a.ts", text)).toEqual([]);
    }
  });

  it("fails on a way to Node's modules through a node folder or entry", () => {
    expect(faults("data", "packages/data/src/a.ts", 'import "./node/readIdx.ts";')).toHaveLength(1);
    expect(faults("train", "packages/train/src/a.ts", 'import "@llr/data/node";')).toHaveLength(1);
    expect(faults("train", "packages/train/src/node/a.ts", 'import "@llr/data/node"; import "../a.ts"; import "./b.ts";')).toEqual([]);
  });

  it("fails on packages that are not listed, and on imports that it cannot read", () => {
    expect(faults("lab", "packages/lab/src/a.ts", 'import "citty/x"; import "@scope/a/b"; import "other";', ["citty", "@scope/a"])).toEqual([
      "packages/lab/src/a.ts: import of other is not in the dependencies of package.json",
    ]);
    expect(faults("lab", "packages/lab/src/a.ts", "export const load = (x: string) => import(x);")).toEqual([
      "packages/lab/src/a.ts: an import() is computed: only a literal can be checked",
    ]);
  });

  it("fails on a package.json with a dependency that is not allowed or not in the catalog", () => {
    expect(manifestFaults("optim", { dependencies: { "@llr/tensor": "workspace:^" } })).toEqual(["optim: depends on @llr/tensor, which is not among what it may import (nothing)"]);
    expect(manifestFaults("nn", { devDependencies: { lodash: "catalog:" } })).toEqual(["nn: depends on lodash, but may not have dependencies from outside the workspace"]);
    expect(manifestFaults("lab", { dependencies: { citty: "^0.2.2" }, optionalDependencies: { "@llr/nn": "1.0.0" } })).toEqual([
      "lab: citty is ^0.2.2: its version belongs into the catalog of pnpm-workspace.yaml",
      "lab: @llr/nn is 1.0.0, not the workspace's own",
    ]);
  });
});
