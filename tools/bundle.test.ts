// That the kernels for devices survive a bundler and a minifier, which rename and rewrite functions: as strings they must.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "vite";
import { afterAll, expect, it } from "vitest";
import { ROOT } from "./arrows.ts";
import { fromSources } from "./sources.ts";

const out = mkdtempSync(join(tmpdir(), "llr-bundle-"));
afterAll(() => rmSync(out, { recursive: true }));

const ENTRY = "virtual:program.ts";
const PROGRAM = `
import { matmul, relu, scope, tensor } from "@llr/tensor";
import { useGpu } from "@llr/tensor/gpu";
const gpu = await useGpu({ engine: "webasm", software: true });
const x = gpu.upload(tensor([[1, -2], [3, 4], [NaN, 0]]));
console.log(String(await scope(() => matmul(relu(x), tensor([[10, 0], [1, 0.5]]))).read()));
`;

// Without modulePreload, which looks for a document; what is bundled for browsers runs in Node, too.
it.each(["Node", "browsers"])("a program that is bundled and minified for %s, gpu.js with it, computes on a device", { timeout: 120_000 }, async (target) => {
  const outDir = join(out, target);
  await build({
    root: ROOT, configFile: false, logLevel: "silent",
    plugins: [{ name: "program", enforce: "pre", resolveId: (id) => (id === ENTRY ? join(ROOT, "tools", "program.ts") : undefined), load: (id) => (id === join(ROOT, "tools", "program.ts") ? PROGRAM : undefined) }],
    resolve: fromSources.resolve!,
    ssr: { ...fromSources.ssr, ...(target === "Node" && { noExternal: true }) },
    build: { outDir, emptyOutDir: true, minify: true, modulePreload: false, target: "es2024", ssr: target === "Node", rolldownOptions: { input: ENTRY, output: { format: "es", entryFileNames: "program.mjs", chunkFileNames: "[name].mjs" } } },
  });
  const { stdout } = await promisify(execFile)(process.execPath, [join(outDir, "program.mjs")], { timeout: 20_000 });
  expect(stdout).toBe("10,0,34,2,NaN,NaN\n");
});
