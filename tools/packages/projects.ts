// Projects of users: files that import the packages, and the ways to install them.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, bun, npm, pnpm, yarn, yarnBerry } from "./programs.ts";
import { mustRun, type Ran } from "./run.ts";

/** A layer with a rate of a hundredth, as the README of @llr/optim has it. */
const STEP = 'const p = { name: "fc.weight", data: Float64Array.of(3, 4), grad: Float64Array.of(10, 0) };\nconsole.log(larc([p], { lr: 0.4 }).step()[0].rate.toFixed(4));\n';
export const PRINTED = "0.0100\n";

const FILES: Readonly<Record<string, string>> = {
  "import.mjs": `import { larc } from "@llr/optim";\n${STEP}`,
  "require.cjs": `const { larc } = require("@llr/optim");\n${STEP}`,
  "types.ts": `import { larc, oneCycle, type Param, type StepRecord } from "@llr/optim";
const cycle = oneCycle({ peak: 0.4, steps: 100 });
const params: Param[] = [{ name: "fc.weight", data: new Float32Array(2), grad: null }];
export const records: readonly StepRecord[] = larc(params, { lr: cycle.lr, momentum: cycle.momentum, trustCoefficient: 0.02 }).step();
// @ts-expect-error -- a rate is a number or a schedule
larc(params, { lr: "0.4" });
`,
};

const STACK: Readonly<Record<string, string>> = {
  "stack.mjs": `import { backward } from "@llr/autograd";
import { batches, glyphs } from "@llr/data";
import { mlp } from "@llr/nn";
import { larc } from "@llr/optim";
import { crossEntropy, Rng, scope, tensor } from "@llr/tensor";
import { simdUpdates } from "@llr/train";
for (const entry of ["@llr/tensor/engine", "@llr/tensor/conformance", "@llr/tensor/gpu", "@llr/train/gpu", "@llr/train/node", "@llr/data/node"]) await import(entry);
const rng = new Rng(1);
const model = mlp([64, 16, 10], { rng });
const optimizer = larc(model.parameters(), { lr: 0.4, kernels: simdUpdates });
const losses = [];
for (const { images, labels } of batches(glyphs({ count: 640, rng }), { size: 32, rng })) scope(() => {
  const loss = crossEntropy(model.forward(tensor(images), { training: true }), tensor(labels));
  optimizer.zeroGrad();
  backward(loss);
  optimizer.step();
  losses.push(loss.item());
});
console.log(losses[0] > 2 && losses.at(-1) < losses[0]);
`,
  "stack.ts": `import { parameter } from "@llr/autograd";
import { mlp } from "@llr/nn";
import { batches } from "@llr/data";
import { Rng, scope, tensor, type OpenScope } from "@llr/tensor";
import { ambient } from "@llr/tensor/engine";
import { conformance } from "@llr/tensor/conformance";
import { useGpu } from "@llr/tensor/gpu";
import { fit } from "@llr/train";
import { deviceOptimizer } from "@llr/train/gpu";
export const opened: OpenScope = scope();
opened.close();
export const all = [parameter, mlp, batches, Rng, tensor, ambient, conformance, useGpu, fit, deviceOptimizer];
`,
  "disposable.ts": 'import { scope, tensor } from "@llr/tensor";\nexport function three(): number { using _ = scope(); return tensor([3]).item(); }\n',
};

/** A folder with the files and a package.json. */
export function project(folder: string, { stack = false, manifest = {} }: { stack?: boolean; manifest?: object } = {}): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "project", version: "1.0.0", private: true, type: "module", ...manifest }));
  for (const [file, text] of Object.entries({ ...FILES, ...(stack && STACK) })) writeFileSync(join(folder, file), text);
  return folder;
}

export interface Manager {
  readonly name: string;
  /** Installs tarballs, or folders, into a project. */
  install(folder: string, paths: readonly string[]): void;
  /** Runs a file of the project with a Node. */
  node(folder: string, node: string, file: string): Ran;
}

const plainly = (folder: string, node: string, file: string): Ran => mustRun([node], [file], folder);
const manager = (name: string, command: () => Command, ...args: readonly string[]): Manager => ({ name, install: (folder, paths) => void mustRun(command(), [...args, ...paths], folder), node: plainly });

export const MANAGERS: readonly Manager[] = [
  manager("npm", () => npm, "install", "--no-audit", "--no-fund"),
  manager("pnpm", pnpm, "add"),
  manager("yarn 1", yarn, "add", "--no-lockfile", "--non-interactive"),
  manager("bun", bun, "add"),
  {
    name: "yarn 4",
    install(folder, paths) {
      writeFileSync(join(folder, ".yarnrc.yml"), "enableTelemetry: false\nenableGlobalCache: false\nenableImmutableInstalls: false\n");
      mustRun(yarnBerry(), ["add", ...paths.map((path) => `@llr/optim@file:${path}`)], folder);
    },
    // Plug'n'Play: packages stay packed, and these two tell Node where.
    node: (folder, node, file) => mustRun([node], ["--require", "./.pnp.cjs", "--loader", "./.pnp.loader.mjs", file], folder),
  },
];

export const runBun = (folder: string, file: string): Ran => mustRun(bun(), [file], folder);

/** Type-checks a file of a project as strictly as a project can be: its library, no types of Node, declarations of packages included. */
export function typeCheck(folder: string, tsc: Command, { file, lib = ["es2022"], module = "nodenext" }: { file: string; lib?: readonly string[]; module?: "nodenext" | "bundler" }): void {
  const resolution = module === "bundler" ? { module: "esnext", moduleResolution: "bundler" } : { module };
  const compilerOptions = { ...resolution, target: "es2022", lib, types: [], strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true };
  const config = join(folder, `tsconfig.${file}.${module}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions, files: [file] }));
  mustRun(tsc, ["-p", config], folder);
}
