import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as tensor from "@llr/tensor";
import type { Op } from "@llr/tensor";
import { describe, expect, it } from "vitest";
import { isTestFile, ROOT, sourcesOf } from "./arrows.ts";
import { opsChecked } from "./opChecks.ts";

const isOp = (value: unknown): value is Op => typeof value === "object" && value !== null && "kind" in value && "saves" in value;

describe("the tests of the tensor package", () => {
  it("hand every op to conformance, and so its first and second derivatives to central differences", () => {
    const checked = new Set(sourcesOf("tensor").filter(isTestFile).flatMap((file) => [...opsChecked(file, readFileSync(join(ROOT, file), "utf8"))]));
    const ops = Object.entries(tensor).filter(([, value]) => isOp(value)).map(([name]) => name);
    expect(ops.length).toBeGreaterThan(100); // so that an empty list does not pass
    expect(ops.filter((name) => !checked.has(name)), "a conformance test beside each of these ops is missing").toEqual([]);
  });
});

describe("the reader of tests", () => {
  it("counts what a test with conformance names: in it, in its table, and through what the file declares", () => {
    const text = `
      import { aOp, bOp, cOp, dOp, eOp, fOp } from "./index.ts";
      const table = [[bOp, 1]] as const;
      function complete(op) { conformance(op, []); }
      describe("x", () => {
        const own = cOp;
        it("a", () => { conformance(aOp, []); });
        it.each(table)("b", (op) => { conformance(op, []); });
        it("c", () => complete(own));
        it.each([dOp])("d", (op) => complete(op));
        it("e", () => { expect(eOp.shape([])).toEqual([]); });
        it("f", () => { homesAgree(fOp, []); });
      });`;
    expect([...opsChecked("a.ts", text)].sort()).toEqual(["aOp", "bOp", "cOp", "dOp"]);
  });

  it("refuses what is not TypeScript", () => {
    expect(() => opsChecked("a.ts", "const = ;")).toThrow("a.ts: ");
  });
});
