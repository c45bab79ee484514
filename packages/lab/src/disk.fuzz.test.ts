// Whole commands on disks that fill up and in places that cannot be written: one line with path, errno and a way out.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cases } from "../../../tools/fuzz.ts";
import { startTree } from "./test/processes.ts";
import { SMALL_COMPARISON, writeComparison } from "./test/writeComparison.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "llr-disk-"));
  writeComparison(join(root, "comparison"), SMALL_COMPARISON);
  writeFileSync(join(root, "file"), "old");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const PATIENCE = 300_000;
const SMALL = ["--model", "mlp", "--images", "320", "--batch-size", "32", "--epochs", "1"];
const COMMANDS = {
  compare: () => ["compare", ...SMALL, "--test-images", "100", "--arms", "sgd"],
  report: () => ["report", join(root, "comparison")],
  sweep: () => ["sweep", ...SMALL, "--hold-out", "100", "--arms", "sgd", "--factors", "1", "--seeds", "1"],
  train: () => ["train", ...SMALL, "--test-images", "100"],
} as const;
const NAMES = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];

/** @param place that the line has to name */
async function expectRefused(command: keyof typeof COMMANDS, out: string, place: string, errno: RegExp): Promise<void> {
  const { code, err } = await startTree("bin", [...COMMANDS[command](), "--out", out]).ended;
  expect(code, err).toBe(1);
  expect(err).toMatch(/^llr: .+\.\n$/); // one line
  expect(err).not.toContain("internal error");
  expect(err).toContain(place);
  expect(err).toMatch(errno);
}

describe.skipIf(process.platform !== "linux")("a place that cannot be written", () => {
  const places = (): [out: string, errno: RegExp][] => [
    [join(root, "file"), /not a folder/], ["", /empty|ENOENT/], ["/dev/null", /not a folder/], [join(root, "file", "below"), /not a folder/], ["/proc/nope", /ENOENT/],
  ];
  const all = Array.from({ length: 20 }, (_, i) => [NAMES[(i + Math.floor(i / 5)) % 4], i % 5] as const);

  it.each(all.slice(0, cases(2, 20)))("%s into place %i is refused in one line, and nothing changes there", async (command, index) => {
    const [out, errno] = places()[index];
    await expectRefused(command, out, out === "" ? '""' : out, errno);
    expect(readFileSync(join(root, "file"), "utf8")).toBe("old");
    expect(readdirSync(root).sort()).toEqual(["comparison", "file"]);
  }, PATIENCE);
});

const mayMount = (): boolean => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const dir = mkdtempSync(join(tmpdir(), "llr-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", dir], { stdio: "ignore" });
    execFileSync("umount", [dir]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

async function withDisk(options: string, run: (disk: string) => Promise<void>): Promise<void> {
  const disk = mkdtempSync(join(tmpdir(), "llr-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk]);
  try {
    await run(disk);
  } finally {
    execFileSync("umount", ["--lazy", disk]);
    rmSync(disk, { recursive: true, force: true });
  }
}

describe.skipIf(!mayMount())("a disk", () => {
  // Too small for the claim, the first manifest, the logs, the report.
  const sizes = [16, 48, 8, 128, 4, 24, 32, 256];
  const all = sizes.flatMap((kib, i) => NAMES.map((_, k) => [NAMES[(i + k) % 4], kib] as const).slice(0, i < 2 ? 1 : 4));

  it.each(all.slice(0, cases(1, all.length)))("llr %s on one of %i KiB says that it is full, or fits; nothing partial is left", async (command, kib) => {
    await withDisk(`size=${kib}k`, async (disk) => {
      const out = join(disk, "out");
      const { code, err } = await startTree("bin", [...COMMANDS[command](), "--out", out]).ended;
      expect(err).not.toMatch(/internal error|\n./);
      if (code !== 0) expect({ code, err }).toMatchObject({ code: 1, err: expect.stringMatching(/^llr: .*there is no space left on the disk \(ENOSPC\)\..*\n$/) as string });
      if (code !== 0) expect(err).toContain(disk);
      const files = existsSync(out) ? readdirSync(out, { recursive: true, encoding: "utf8" }) : [];
      expect(files.filter((name) => name.endsWith(".partial"))).toEqual([]);
      for (const name of files.filter((file) => file.endsWith(".json"))) JSON.parse(readFileSync(join(out, name), "utf8"));
      for (const name of files.filter((file) => file.endsWith(".jsonl"))) expect(readFileSync(join(out, name), "utf8"), name).toMatch(/^$|\n$/);
    });
  }, PATIENCE);

  it.each(NAMES.slice(0, cases(1, 4)))("that is read-only: llr %s says so", async (command) => {
    await withDisk("ro", (disk) => expectRefused(command, join(disk, "out"), disk, /EROFS/));
  }, PATIENCE);
});
