// Which op records the tests hand to `conformance`, read from the syntax of the tests: files of tests run apart, so none
// sees what another has checked, and a second list of examples would have to be kept beside theirs.
import { parseSync } from "vite";

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && typeof (value as Node).type === "string";

/** `it("…", …)` and `it.each([…])("…", …)`. */
const isTest = (node: Node, text: string): boolean => node.type === "ExpressionStatement" && /^it\b/.test(text.slice(node.start, node.end));

/**
 * Names that end in "Op" and occur in a test that calls `conformance`, itself or through a function of the file, or in what
 * such a test names outside of itself. An op that such a test only mentions counts as well: it is a check of
 * forgetfulness, not of malice.
 */
export function opsChecked(file: string, text: string): ReadonlySet<string> {
  const tests: string[] = [];
  const named = new Map<string, string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isNode(value)) return;
    const own = text.slice(value.start, value.end);
    if (isTest(value, text)) {
      tests.push(own);
      return; // what it declares is within it
    }
    const { id } = value;
    if (/^(VariableDeclarator|FunctionDeclaration)$/.test(value.type) && isNode(id) && id.type === "Identifier") named.set(id["name"] as string, own);
    Object.values(value).forEach(visit);
  };
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  visit(program);

  const found = new Set<string>();
  for (const test of tests) {
    const words = reach(test, named);
    if (words.has("conformance")) for (const word of words) if (/\wOp$/.test(word)) found.add(word);
  }
  return found;
}

/** The words of a text, and of the declarations that they name. */
function reach(text: string, named: ReadonlyMap<string, string>): ReadonlySet<string> {
  const words = new Set<string>();
  const read = (part: string): void => {
    for (const [word] of part.matchAll(/\w+/g)) {
      if (words.has(word)) continue;
      words.add(word);
      const declaration = named.get(word);
      if (declaration !== undefined) read(declaration);
    }
  };
  read(text);
  return words;
}
