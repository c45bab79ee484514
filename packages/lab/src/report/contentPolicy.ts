// The report's Content-Security-Policy. Texts of logs are escaped wherever they stand; were one forgotten, a browser still runs
// no script but the report's own, and loads nothing from anywhere.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

const ASSETS = new URL("../../assets/", import.meta.url);
const LIBRARIES = ["uplot/dist/uPlot.min.css", "uplot/dist/uPlot.iife.min.js"];

/** Every script and style sheet that may stand in the page. No log has a part in them. */
function ownTexts(): string[] {
  const assets = readdirSync(ASSETS).filter((name) => /\.(js|css)$/.test(name)).map((name) => new URL(name, ASSETS));
  const libraries = LIBRARIES.map((path) => createRequire(import.meta.url).resolve(path));
  return [...assets, ...libraries].map((path) => readFileSync(path, "utf8").trim());
}

/** Inline scripts and styles; a data block (type="application/json") never runs. */
const INLINE = /<(style|script)>([\s\S]*?)<\/\1>/g;

/**
 * The page with a policy that allows its own inline scripts and styles by their hashes, and nothing else: no other script or
 * style, also none in an attribute, no address, no form, no base. Pictures may be made by the page itself.
 */
export function withContentPolicy(html: string): string {
  const own = ownTexts().sort((a, b) => b.length - a.length);
  const isOwn = (content: string): boolean => own.reduce((rest, text) => rest.replace(text, () => ""), content).trim() === "";
  const hashes = { style: new Set<string>(), script: new Set<string>() };
  for (const [, kind, content] of html.matchAll(INLINE)) if (isOwn(content)) hashes[kind as "style" | "script"].add(`'sha256-${createHash("sha256").update(content).digest("base64")}'`);
  const sources = (kind: "style" | "script"): string => [...hashes[kind]].join(" ") || "'none'";
  const policy = `default-src 'none'; script-src ${sources("script")}; style-src ${sources("style")}; img-src data: blob:; base-uri 'none'; form-action 'none'`;
  // First in the head: a policy holds for what comes after it.
  return html.replace('<meta charset="utf-8">', (charset) => `${charset}<meta http-equiv="Content-Security-Policy" content="${policy}">`);
}
