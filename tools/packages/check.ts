// npm run packages: packs the packages with npm and with pnpm, installs them into fresh projects with each package manager, and
// imports and type-checks them there. It needs the npm registry, so `npm test` leaves it out and .ci/run does not. `--all` tries
// every engine, compiler and manager, the short form the oldest and the newest.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readManifest, ROOT } from "../arrows.ts";
import { pack, PACKAGES, packAll } from "./pack.ts";
import { compiler, NODES, nodeBinary, npm, TYPESCRIPTS } from "./programs.ts";
import { MANAGERS, PRINTED, project, runBun, typeCheck } from "./projects.ts";
import { mustRun, run } from "./run.ts";
import { open, tarballFaults } from "./tarball.ts";
import { versionsForPnpm } from "../prepack.ts";

const { values: { all } } = parseArgs({ options: { all: { type: "boolean", default: false } } });
const count = { passed: 0, failed: 0 };

/** @returns what `fn` returns, or undefined where it throws */
function check<R>(name: string, fn: () => R): R | undefined {
  try {
    const value = fn();
    count.passed++;
    console.log(`ok    ${name}`);
    return value;
  } catch (error) {
    count.failed++;
    console.log(`FAIL  ${name}\n${(error as Error).message.replace(/^/gm, "      ")}`);
    return undefined;
  }
}

function expectEqual(found: unknown, wanted: unknown): void {
  const [a, b] = [found, wanted].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`found ${a.slice(0, 1000)}, and it must be ${b.slice(0, 1000)}`);
}

const ends = <T>(list: readonly T[]): readonly T[] => (all ? list : [list[0], list[list.length - 1]]);
const work = mkdtempSync(join(tmpdir(), "llr-packages-"));

function checkTarballs(): ReadonlyMap<string, string> | undefined {
  const tarballs = check("pnpm packs every package", () => packAll(join(work, "pnpm")));
  for (const [name, path] of tarballs ?? []) check(`@llr/${name} holds all that it names and links to`, () => expectEqual(tarballFaults(open(path)), []));
  if (tarballs === undefined) return undefined;
  for (const name of all ? PACKAGES : ["optim", "nn"]) {
    if (versionsForPnpm(readManifest(`packages/${name}/package.json`)).length > 0)
      check(`npm refuses to pack @llr/${name}, whose dependencies only pnpm writes out`, () => {
        const { status, output } = run(npm, ["pack", "--pack-destination", work], join(ROOT, "packages", name));
        if (status === 0 || !output.includes("Only pnpm writes the versions out")) throw new Error(`npm pack ended with ${status}: ${output.slice(-1000)}`);
      });
    else
      check(`npm packs @llr/${name} to the same files and exports`, () => {
        const [ofNpm, ofPnpm] = [pack(npm, name, join(work, "npm")), tarballs.get(name)!].map(open);
        expectEqual([ofNpm.files, ofNpm.manifest.exports], [ofPnpm.files, ofPnpm.manifest.exports]);
      });
  }
  return tarballs;
}

function checkOptim(tarball: string): void {
  const nodes = ends(NODES);
  for (const manager of MANAGERS.filter(({ name }) => all || name !== "yarn 4")) {
    const folder = project(join(work, manager.name.replace(" ", "")));
    if (check(`${manager.name} installs @llr/optim`, () => manager.install(folder, [tarball]) ?? true) === undefined) continue;
    for (const version of manager.name === "npm" ? nodes : [nodes[0]])
      for (const file of ["import.mjs", "require.cjs"]) check(`${manager.name}: ${file} on Node ${version}`, () => expectEqual(manager.node(folder, nodeBinary(version), file).stdout, PRINTED));
    if (manager.name === "bun") for (const file of ["import.mjs", "require.cjs"]) check(`bun: ${file} on bun`, () => expectEqual(runBun(folder, file).stdout, PRINTED));
    if (manager.name === "npm") checkTypes(folder, "types.ts");
  }
}

function checkTypes(folder: string, file: string): void {
  for (const version of ends(TYPESCRIPTS))
    for (const module of ["nodenext", "bundler"] as const) check(`npm: ${file} under TypeScript ${version}, ${module}, lib es2022`, () => typeCheck(folder, compiler(version), { file, module }));
}

/** The whole stack without the command, whose dependencies are many. */
function checkStack(tarballs: ReadonlyMap<string, string>): void {
  const folder = project(join(work, "stack"), { stack: true });
  const paths = [...tarballs].filter(([name]) => name !== "lab").map(([, path]) => path);
  if (check("npm installs the libraries together", () => MANAGERS[0].install(folder, paths) ?? true) === undefined) return;
  for (const version of ends(NODES)) check(`npm: the stack trains on Node ${version}`, () => expectEqual(mustRun([nodeBinary(version)], ["stack.mjs"], folder).stdout, "true\n"));
  checkTypes(folder, "stack.ts");
  for (const version of ends(TYPESCRIPTS)) check(`npm: \`using\` a scope under TypeScript ${version}, lib esnext.disposable`, () => typeCheck(folder, compiler(version), { file: "disposable.ts", lib: ["es2022", "esnext.disposable"] }));
}

/** `npm install ../llr/packages/optim`, as the README of @llr/optim says. */
function checkLink(): void {
  if (check("the repository builds", () => mustRun([process.execPath], [join(ROOT, "node_modules/typescript/bin/tsc"), "-b"], ROOT)) === undefined) return;
  const folder = project(join(work, "link"));
  if (check("npm links @llr/optim from the checkout", () => MANAGERS[0].install(folder, [join(ROOT, "packages/optim")]) ?? true) === undefined) return;
  for (const version of ends(NODES)) for (const file of ["import.mjs", "require.cjs"]) check(`link: ${file} on Node ${version}`, () => expectEqual(mustRun([nodeBinary(version)], [file], folder).stdout, PRINTED));
  checkTypes(folder, "types.ts");
}

try {
  const tarballs = checkTarballs();
  if (tarballs !== undefined) {
    checkOptim(join(work, "npm", "llr-optim.tgz"));
    checkStack(tarballs);
  }
  checkLink();
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`packages: ${count.passed} checks passed, ${count.failed} failed`);
process.exitCode = count.failed > 0 ? 1 : 0;
