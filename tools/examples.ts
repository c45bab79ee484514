// Examples in doc comments (`@example`) and in README files (```ts blocks) are programs: each runs as a test, and a
// line that ends in `// => value` or `// throws text` is checked. What a reader copies is what was executed.
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PREFIX = "/llr-example/";

export interface Example {
  /** File and line, as an editor opens them. */
  readonly name: string;
  /** Module id under which the example can be imported. */
  readonly id: string;
  readonly code: string;
}

/** Every example of the repository; blocks marked ```ts no-run (they need files or minutes) are left out. */
export function findExamples(root: string = ROOT): Example[] {
  const files = [...globSync("packages/*/src/**/*.ts", { cwd: root }), ...globSync("{README.md,packages/*/README.md,packages/*/docs/**/*.md,docs/**/*.md,CONTRIBUTING.md}", { cwd: root })];
  return files
    .filter((file) => !/\.(test|simd)\.ts$/.test(file) && !file.includes("node_modules"))
    .sort()
    .flatMap((file) => examplesIn(file, readFileSync(join(root, file), "utf8")));
}

export function examplesIn(file: string, text: string): Example[] {
  const blocks = file.endsWith(".md") ? markdownBlocks(text) : docCommentBlocks(text);
  return blocks.map(({ line, code }) => ({ name: `${file}:${line}`, id: `${PREFIX}${file}.${line}.ts`, code }));
}

interface Block { readonly line: number; readonly code: string }

const lineAt = (text: string, index: number): number => text.slice(0, index).split("\n").length;

function markdownBlocks(text: string): Block[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((m) => ({ line: lineAt(text, m.index), code: m[1] }));
}

function docCommentBlocks(text: string): Block[] {
  return [...text.matchAll(/^[ ]*\* @example\n((?:[ ]*\*(?!\/)(?! @).*\n)+)/gm)].map((m) => ({
    line: lineAt(text, m.index),
    code: m[1].replace(/^[ ]*\*[ ]?/gm, ""),
  }));
}

/** Turns `expression // => value` into a comparison and `statement // throws text` into an expectation. */
export function compileExample({ code }: Pick<Example, "code">): string {
  const lines = code.split("\n").map((line) => {
    const value = /^(.*?);?\s*\/\/ => (.+)$/.exec(line);
    if (value) return `__same(${value[1].trim()}, (${value[2]}), ${JSON.stringify(value[2])}, ${JSON.stringify(value[1].trim())});`;
    const refusal = /^(.*?);?\s*\/\/ throws (.+)$/.exec(line);
    if (refusal) return `__throws(() => { ${refusal[1]}; }, ${JSON.stringify(refusal[2])});`;
    return line;
  });
  const helpers = JSON.stringify(join(ROOT, "tools/exampleChecks.ts"));
  return `import { same as __same, throws as __throws } from ${helpers};\n${lines.join("\n")}\nexport {};\n`;
}

/** Serves each example as a module of its own, so that imports and types work as in a user's file. */
export function examples(): Plugin {
  let known: Map<string, Example> | undefined;
  const find = (id: string): Example | undefined => {
    known ??= new Map(findExamples().map((e) => [e.id, e]));
    return known.get(id);
  };
  return {
    name: "llr-examples",
    enforce: "pre",
    resolveId: (id) => (id.startsWith(PREFIX) ? id : null),
    load: (id) => {
      const example = id.startsWith(PREFIX) ? find(id) : undefined;
      return example ? compileExample(example) : null;
    },
  };
}
