import { mkdirSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { sandbox } from "./test/llr.ts";

const box = sandbox();

it("a place that cannot be written is refused in one line with path, errno and a way out, never as an internal error", async () => {
  mkdirSync(box.path("folder"));
  writeFileSync(box.path("file"), "");
  for (const [out, errno] of [["missing/x.svg", "ENOENT"], ["folder", "EISDIR"], ["file/x.svg", "ENOTDIR"]])
    expect(await box.llr(["drift", "--steps", "20", "--out", out]), out).toMatchObject({ code: 1, err: expect.stringMatching(new RegExp(`^llr: ${out}: it cannot be written: .* \\(${errno}\\)\\. .*\\.\\n$`)) as string });
}, 300_000);
