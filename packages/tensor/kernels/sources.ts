// What the compiled kernels are made of: which files, which options, and a hash of both.
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const PACKAGE: string = join(import.meta.dirname, "..");
export const COMPILER_VERSION = "0.28.20";

/** Every source, in an order that does not depend on the machine. */
export const findSources = (): string[] => globSync("src/**/*.simd.ts", { cwd: PACKAGE }).map((path) => path.replaceAll("\\", "/")).sort();

/** Files in src/simd/ are shared pieces and export nothing from the module; all others are kernels. */
export const isEntry = (file: string): boolean => !file.startsWith("src/simd/") || file === "src/simd/module.simd.ts";

export interface VariantOptions {
  readonly name: "portable" | "relaxed";
  readonly options: readonly string[];
}

const COMMON = [
  // 112: vectors as parameters; only between functions of the module.
  "--disableWarning", "112", "--runtime", "stub", "--noAssert", "-O3", "--use", "abort=",
  // The one memory of memory.ts; constants lie in its first page.
  "--importMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536",
];

export const VARIANTS: readonly VariantOptions[] = [
  { name: "portable", options: [...COMMON, "--enable", "simd,threads", "--use", "FUSED=0"] },
  { name: "relaxed", options: [...COMMON, "--enable", "simd,threads,relaxed-simd", "--use", "FUSED=1"] },
];

export function hashSources(): string {
  const hash = createHash("sha256").update(JSON.stringify([COMPILER_VERSION, VARIANTS]));
  for (const file of findSources()) hash.update(`\0${file}\0${readFileSync(join(PACKAGE, file), "utf8").replaceAll("\r\n", "\n")}`);
  return hash.digest("hex");
}
