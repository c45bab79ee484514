import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { describeBackend } from "../src/index.ts";
import type { Kernels } from "../src/simd/compiled.ts";
import { portable, relaxed, sourceHash } from "../src/simd/compiled.ts";
import { kernels } from "../src/simd/kernels.ts";
import { findSources, hashSources, isEntry, PACKAGE } from "./sources.ts";

interface Entry { readonly module?: string; readonly name: string; readonly kind: string }
// Node's types leave WebAssembly to the DOM's.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Module: { new (bytes: Uint8Array): object; exports(module: object): Entry[]; imports(module: object): Entry[] };
    Memory: new (descriptor: object) => object;
    Instance: new (module: object, imports: object) => { readonly exports: Kernels };
  };
};

describe("the compiled kernels", () => {
  it("are made of the present sources", () => {
    expect(sourceHash, "a *.simd.ts file, the compiler's version or its options changed: run `npm run kernels`").toBe(hashSources());
  });

  // The compiler drops a second export of the same name without a word.
  it("export every function of every kernel file, each under a name of its own", () => {
    const names = findSources().filter(isEntry).flatMap((file) => [...readFileSync(join(PACKAGE, file), "utf8").matchAll(/^export function (\w+)/gm)].map((m) => m[1]));
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    for (const text of [portable, relaxed]) {
      const exported = WebAssembly.Module.exports(new WebAssembly.Module(Buffer.from(text, "base64")));
      expect(exported.filter(({ kind }) => kind === "function").map(({ name }) => name).sort()).toEqual(names.sort());
    }
  });

  it("need nothing but the memory", () => {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(Buffer.from(portable, "base64")));
    expect(imports).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
  });

  it("say whether products are rounded before they are added, and only the portable ones must", () => {
    expect(kernels().moduleFuses()).toBe(describeBackend().arithmetic === "fused multiply-add" ? 1 : 0);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(portable, "base64")), { env: { memory } });
    expect(exports.moduleFuses()).toBe(0);
  });

  it("keep their constants within the first page, which the allocator leaves to them", () => {
    expect(kernels().moduleDataEnd()).toBeLessThanOrEqual(65_536);
  });
});
