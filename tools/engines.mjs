// Whether @llr/optim gives the same bits on other engines: Node 22, 24 and 26, Bun and Deno, from npm (300 MB, once). Not part of
// `npm test`, which compares the bits of the Node that runs it with the same noted ones.
//   node tools/engines.mjs [name ...]
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bits = pathToFileURL(join(root, "packages", "optim", "src", "test", "engineBits.ts")).href;
const program = `const { ENGINE_BITS, engineBits } = await import(${JSON.stringify(bits)}); console.log(engineBits(), engineBits() === ENGINE_BITS);`;

/** The package, the file in it that runs, and how it is handed a program. */
const ENGINES = {
  "node-22": ["node@22", "node_modules/node/bin/node", ["--no-warnings", "--input-type=module", "-e"]],
  "node-24": ["node@24", "node_modules/node/bin/node", ["--no-warnings", "--input-type=module", "-e"]],
  "node-26": ["node@26", "node_modules/node/bin/node", ["--no-warnings", "--input-type=module", "-e"]],
  bun: ["bun@1", "node_modules/bun/bin/bun.exe", ["-e"]],
  deno: ["deno@2", "node_modules/deno/bin.cjs", ["eval"]],
};

const names = process.argv.slice(2);
for (const [name, [spec, bin, args]] of Object.entries(ENGINES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const folder = join(root, ".cache", "engines", name);
  mkdirSync(folder, { recursive: true });
  execFileSync("npm", ["install", "--silent", "--no-save", "--no-audit", "--no-fund", "--prefix", folder, spec], { stdio: "inherit", shell: process.platform === "win32" });
  const command = join(folder, bin);
  const [file, before] = command.endsWith(".cjs") ? [process.execPath, [command]] : [command, []];
  const [found, isSame] = execFileSync(file, [...before, ...args, program], { cwd: folder, encoding: "utf8" }).trim().split(" ");
  console.log(`${name.padEnd(8)} ${found} ${isSame === "true" ? "the noted bits" : "OTHER BITS"}`);
  if (isSame !== "true") process.exitCode = 1;
}
