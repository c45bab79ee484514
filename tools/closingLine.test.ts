import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ROOT } from "./arrows.ts";

const folder = mkdtempSync(join(tmpdir(), "llr-closing-line-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The last line of a run over one test file. */
function closingLine(test: string): string | undefined {
  writeFileSync(join(folder, "some.test.js"), test);
  const args = [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--root", folder, "--globals", "--reporter", join(ROOT, "tools/closingLine.ts")];
  return spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" }).stdout.trim().split("\n").at(-1);
}

describe("the closing line", () => {
  it("counts tests", () => {
    expect(closingLine('test("a", () => {}); test("b", () => { throw new Error(); }); test.skip("c", () => {});')).toBe("1 passed, 1 failed, 1 skipped");
  });

  it("counts as a failure a file that does not load, and a group that cannot be prepared", () => {
    expect(closingLine('throw new Error("broken");')).toBe("0 passed, 1 failed, 0 skipped");
    expect(closingLine('describe("a", () => { beforeAll(() => { throw new Error(); }); test("b", () => {}); });')).toBe("0 passed, 1 failed, 1 skipped");
  });
});
