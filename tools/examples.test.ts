import { describe, expect, it } from "vitest";
import { compileExample, examplesIn, findExamples } from "./examples.ts";
import { same, throws } from "./exampleChecks.ts";

describe("examples in doc comments and README files", () => {
  it.each(findExamples())("$name runs and shows what it says", async ({ id }) => {
    await import(/* @vite-ignore */ id);
  });
});

describe("the example runner itself", () => {
  it("finds both kinds of examples with their line", () => {
    const inComment = "/**\n * Adds.\n * @example\n * add(1, 2) // => 3\n */\nexport const add = 1;\n";
    expect(examplesIn("a.ts", inComment)).toMatchObject([{ name: "a.ts:3", code: "add(1, 2) // => 3\n" }]);
    expect(examplesIn("a.md", "text\n```ts\nlet a = 1;\n```\n```ts no-run\nb\n```\n")).toMatchObject([{ name: "a.md:2", code: "let a = 1;\n" }]);
  });

  it("compiles a checked line into a comparison", () => {
    expect(compileExample({ code: "f(1); // => [1, 2]" })).toContain('__same(f(1), ([1, 2]), "[1, 2]", "f(1)");');
    expect(compileExample({ code: "f(0); // throws zero" })).toContain('__throws(() => { f(0); }, "zero");');
  });

  it("compares to the digits that are printed, no further and no less", () => {
    same(Float32Array.of(0.12694), [0.1269], "[0.1269]", "x");
    expect(() => same(0.1271, 0.1269, "0.1269", "x")).toThrow("the example says 0.1269, the result is 0.1271");
    expect(() => same([1, 2], [1], "[1]", "x")).toThrow("the result is [1,2]");
  });

  it("fails when nothing, or something else, is thrown", () => {
    expect(() => throws(() => {}, "zero")).toThrow("it threw nothing");
    expect(() => throws(() => { throw new Error("one"); }, "zero")).toThrow('it threw "Error: one"');
  });
});
