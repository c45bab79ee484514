import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Files beside the sources: `assets/` is where both `src/` and the built `dist/` look. */
export const asset = (name: string): string => readFileSync(new URL(`../../assets/${name}`, import.meta.url), "utf8").trim();
export const library = (path: string): string => readFileSync(createRequire(import.meta.url).resolve(path), "utf8").trim();
