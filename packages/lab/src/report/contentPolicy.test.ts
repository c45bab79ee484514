import { createHash } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { beforeAll, expect, it } from "vitest";
import { sandbox } from "../test/llr.ts";
import { sealLogs, SMALL_COMPARISON, writeComparison } from "../test/writeComparison.ts";
import { readComparison } from "./comparison.ts";
import { withContentPolicy } from "./contentPolicy.ts";
import { writeReport } from "./writeReport.ts";

const box = sandbox();
let html = "";
const policyOf = (page: string): string => /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(page)![1];
const inline = (page: string): string[] => [...page.matchAll(/<(?:style|script)>([\s\S]*?)<\/(?:style|script)>/g)].map((m) => m[1]);
const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

beforeAll(() => {
  writeComparison(box.path("run"), SMALL_COMPARISON);
  html = readFileSync(writeReport(box.path("run"), readComparison(box.path("run"))), "utf8");
});

it("the report's policy comes before everything else, allows its scripts and styles by hash, and nothing unsafe", () => {
  expect(html.indexOf("Content-Security-Policy")).toBeLessThan(html.search(/<(style|script|link|img|svg)/));
  expect(policyOf(html)).toMatch(/^default-src 'none'; /);
  expect(policyOf(html)).not.toContain("unsafe");
  expect(inline(html).length).toBeGreaterThan(3);
  for (const text of inline(html)) expect(policyOf(html), text.slice(0, 80)).toContain(hash(text));
});

it("nothing in the report needs what the policy forbids: styles and scripts in attributes", () => {
  expect(html.replace(/<script[\s\S]*?<\/script>/g, "").match(/<[^>]* (style|on\w+)=/g)).toBeNull();
});

it("a script or style that came out of a log would have no hash", () => {
  const injected = ["<script>alert(1)</script>", "<style>body { display: none }</style>"];
  const page = withContentPolicy(html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "").replace("<main>", `<main>${injected.join("")}`));
  expect(policyOf(page)).toBe(policyOf(html));
});

it("no text of a log becomes HTML, wherever it stands", () => {
  const hostile = "</title></script><b id=hostile>&\"'";
  const dir = box.path("hostile");
  cpSync(box.path("run"), dir, { recursive: true });
  const texts: readonly (readonly [string, readonly (string | RegExp)[]])[] = [
    ["compare.json", ['"mlp"', '"mnist"', /"lars \+ 1cycle"/, '"1cycle"', '"made up"', '"linux"', '"22.0.0"']],
    ["arms/lars/run.json", ['"mlp"', /"lars \+ 1cycle"/, '"1cycle"']],
    ...["sgd", "mad-llr"].map((arm) => [`arms/${arm}/run.json`, ['"mlp"', '"1cycle"']] as const),
    ...SMALL_COMPARISON.arms.map((arm) => [`arms/${arm}/layers.jsonl`, ['"fc1"', '"fc1.weight"']] as const),
  ];
  for (const [file, found] of texts)
    writeFileSync(join(dir, file), found.reduce<string>((text, part) => text.replaceAll(typeof part === "string" ? part : new RegExp(part, "g"), () => JSON.stringify(hostile)), readFileSync(join(dir, file), "utf8")));
  sealLogs(dir);
  const page = readFileSync(writeReport(dir, readComparison(dir)), "utf8");
  expect(page.includes("hostile")).toBe(true);
  // In the value of an attribute "<" is text, too.
  expect(page.replace(/="[^"]*"/g, "")).not.toContain("<b id=hostile");
  expect((parseHTML(page).document as unknown as { querySelector(selector: string): unknown }).querySelector("#hostile")).toBeNull();
});
