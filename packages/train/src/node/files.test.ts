// What the system refuses, as it refuses it: real files, and small disks where the system lets us make them.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFile, createRunFolder, createWhole, FileError, makeFolder, writeWhole } from "./index.ts";

let root: string;
beforeEach(() => { root = mkdtempSync(join(tmpdir(), "llr-files-")); });
afterEach(() => rmSync(root, { recursive: true, force: true }));

const refused = (run: () => unknown): FileError => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    return error as FileError;
  }
  throw new Error("nothing was refused");
};

describe("what the system refuses is said with path, errno and a way out, on one line", () => {
  const file = () => { writeFileSync(join(root, "file"), "old"); return join(root, "file"); };
  it.each<[string, () => unknown, string]>([
    ["a folder below a file", () => makeFolder(join(file(), "below", "it")), "ENOTDIR"],
    ["a folder in the place of a file", () => makeFolder(file()), "ENOTDIR"],
    ["a folder without a name", () => makeFolder(""), "ENOENT"],
    ["a folder that /proc does not take", () => makeFolder("/proc/nope"), "ENOENT"],
    ["a file in a folder that does not exist", () => writeWhole(join(root, "missing", "x.svg"), ""), "ENOENT"],
    ["a file in the place of a folder", () => writeWhole(root, ""), "EISDIR"],
    ["a file in the place of a pipe", () => { execFileSync("mkfifo", [join(root, "file")]); writeWhole(join(root, "file"), ""); }, "EFTYPE"],
    ["a log that exists", () => createFile(file()), "EEXIST"],
    ["a name that is too long", () => writeWhole(join(root, "x".repeat(300)), ""), "ENAMETOOLONG"],
  ])("%s", (_, run, errno) => {
    const error = refused(run);
    expect(error).toMatchObject({ errno, code: "LLR_FILE" });
    expect(error.message).toMatch(new RegExp(`^.+: it cannot be written: .+ \\(${errno}\\)\\. .+\\.$`));
    expect(readdirSync(root).filter((name) => name !== "file")).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)("a folder that may not be written", () => {
    mkdirSync(join(root, "locked"));
    chmodSync(join(root, "locked"), 0o500);
    expect(refused(() => writeWhole(join(root, "locked", "x"), ""))).toMatchObject({ errno: "EACCES" });
  });
});

describe("files in their place", () => {
  it("a pipe that is refused is still there, as a pipe", () => {
    execFileSync("mkfifo", [join(root, "pipe")]);
    refused(() => writeWhole(join(root, "pipe"), "new"));
    expect(lstatSync(join(root, "pipe")).isFIFO()).toBe(true);
  });

  it("a symbolic link is replaced or refused, never followed", () => {
    const target = join(root, "target");
    for (const name of ["whole", "log", "claim"]) symlinkSync(target, join(root, name));
    writeWhole(join(root, "whole"), "new");
    expect(readFileSync(join(root, "whole"), "utf8")).toBe("new");
    expect(refused(() => createFile(join(root, "log")))).toMatchObject({ errno: "EEXIST" });
    expect(refused(() => createWhole(join(root, "claim"), ""))).toMatchObject({ errno: "EEXIST" });
    expect(existsSync(target)).toBe(false);
  });

  it("of 20 that create the same file at once, one succeeds, and the file is its text", async () => {
    const started = Array.from({ length: 2 }, (_, i) => {
      const program = `import { createWhole } from ${JSON.stringify(join(import.meta.dirname, "files.ts"))};
        let won = 0;
        for (let i = 0; i < 10; i++) { try { createWhole(${JSON.stringify(join(root, "claim"))}, "${i}".repeat(1000)); won++; } catch (error) { if (error.errno !== "EEXIST") throw error; } }
        console.log(won);`;
      return spawn(process.execPath, ["--input-type=module-typescript", "--eval", program], { stdio: ["ignore", "pipe", "inherit"] });
    });
    const wins = await Promise.all(started.map(async (child) => Number((await child.stdout.toArray()).join(""))));
    expect(wins.reduce((a, b) => a + b)).toBe(1);
    expect(readFileSync(join(root, "claim"), "utf8")).toBe(String(wins.indexOf(1)).repeat(1000));
    expect(readdirSync(root)).toEqual(["claim"]);
  });
});

/** A disk of so many KiB at `root`; needs the rights to mount. */
function withDisk(kib: number, run: (disk: string) => void): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", root]);
  try {
    run(root);
  } finally {
    execFileSync("umount", ["--lazy", root]);
  }
}

const mayMount = (): boolean => {
  if (process.getuid?.() !== 0) return false;
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

describe.skipIf(!mayMount())("on a disk that fills up", () => {
  const parameters = [{ name: "fc.weight", layer: "fc", shape: [2, 2] }];

  it.each([4, 12, 20, 64])("of %i KiB, a run's logs end with whole lines, and what was whole stays whole", (kib) => {
    withDisk(kib, (disk) => {
      const dir = join(disk, "run");
      let folder: ReturnType<typeof createRunFolder> | null = null;
      let written = 0;
      const full = refused(() => {
        folder = createRunFolder(dir, { status: "running", config: {} }, parameters);
        for (; ; written++) {
          folder.metrics({ step: written + 1, epoch: 0, loss: 1 / 3, lr: 0.1, gradNorm: 1 });
          folder.time({ step: written + 1, what: "step", ms: 2.5 });
        }
      });
      expect(full).toMatchObject({ errno: "ENOSPC" });
      expect(full.path.startsWith(dir)).toBe(true);
      if (folder === null) {
        if (existsSync(dir)) expect(readdirSync(dir)).toEqual([]);
        return;
      }
      const lines = readFileSync(join(dir, "metrics.jsonl"), "utf8").split("\n");
      expect(lines.pop()).toBe("");
      expect(lines.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual(Array.from({ length: lines.length }, (_, i) => i + 1));
      expect(lines.length - written).toBeLessThan(2); // the other log may be the one that had no room
      // Replacing the manifest fails or not; either way it is one of the two, and nothing else lies there.
      try {
        (folder as ReturnType<typeof createRunFolder>).update({ status: "failed", result: { error: "x".repeat(5000) } });
      } catch (error) {
        expect(error).toMatchObject({ errno: "ENOSPC" });
      }
      expect(["running", "failed"]).toContain((JSON.parse(readFileSync(join(dir, "run.json"), "utf8")) as { status: string }).status);
      expect(readdirSync(dir).sort()).toEqual(["layers.jsonl", "metrics.jsonl", "run.json", "times.jsonl"]);
      (folder as ReturnType<typeof createRunFolder>).close();
    });
  });
});
