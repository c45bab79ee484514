import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { readIdx } from "./readIdx.ts";

const folder = mkdtempSync(join(tmpdir(), "llr-idx-"));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** An IDX file of unsigned bytes; `data` may differ from what the sizes say. */
const idx = (shape: number[], data: Uint8Array): Buffer => {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  for (const [axis, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
  return Buffer.concat([header, data]);
};

const noise = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 2654435761) >>> 13);
const good = idx([3, 40, 50], noise(6_000));

async function refusal(path: string): Promise<Error & { code: string; offset: number | null }> {
  const error = (await readIdx(path).then(() => new Error("accepted"), (e: unknown) => e)) as Error & { code: string; offset: number | null };
  expect(error.message).toContain(path);
  expect(error.message).not.toContain("\n");
  return error;
}

describe("a good file", () => {
  it("reads the same raw, packed, and packed in two pieces, whatever its name", async () => {
    const raw = await readIdx(written("images.gz", good));
    expect([raw.shape, [...raw.data]]).toEqual([[3, 40, 50], [...noise(6_000)]]);
    expect(await readIdx(written("packed.idx", gzipSync(good)))).toEqual(raw);
    // gzip's own `cat a.gz b.gz`, as parallel packers write it; the first piece ends inside the header.
    expect(await readIdx(written("pieces.gz", Buffer.concat([gzipSync(good.subarray(0, 5)), gzipSync(good.subarray(5))])))).toEqual(raw);
  });

  it("larger than the chunks of the stream reads whole", async () => {
    const large = idx([1_000_003], noise(1_000_003));
    expect(Buffer.from((await readIdx(written("large.gz", gzipSync(large, { level: 1 })))).data as Uint8Array).equals(large.subarray(8))).toBe(true);
    expect(Buffer.from((await readIdx(written("large.idx", large))).data as Uint8Array).equals(large.subarray(8))).toBe(true);
  });
});

describe("a damaged archive", () => {
  const packed = gzipSync(good);
  const cuts = [2, 5, 10, 18, 40, Math.floor(packed.length / 2), packed.length - 9, packed.length - 8, packed.length - 4, packed.length - 1];

  it.each(cuts)("cut to %d bytes is refused as cut off", async (length) => {
    const error = await refusal(written(`cut-${length}.gz`, packed.subarray(0, length)));
    expect(error).toMatchObject({ name: "DataFormatError", code: "LLR_DATA_FORMAT" });
    expect(error.message).toContain("the gzip archive is cut off, expected a whole one with the right checksum. Get the file again.");
  });

  it.each([
    ["checksum", packed.length - 8, "incorrect data check"],
    ["length", packed.length - 4, "incorrect length check"],
    ["method", 2, "unknown compression method"],
  ])("with another %s is refused as damaged", async (name, at, problem) => {
    const bytes = Buffer.from(packed);
    bytes[at] ^= 1;
    expect((await refusal(written(`bad-${name}.gz`, bytes))).message).toContain(`the gzip archive is damaged (${problem})`);
  });

  it("with anything behind its end is refused, be it zeros, text or another archive", async () => {
    expect((await refusal(written("zeros.gz", Buffer.concat([packed, Buffer.alloc(7)])))).message).toContain(`the packed length is ${packed.length + 7} bytes, expected ${packed.length}, where the gzip archive ends`);
    expect((await refusal(written("text.gz", Buffer.concat([packed, Buffer.from("text")])))).message).toContain("the gzip archive is damaged (incorrect header check)");
    expect((await refusal(written("second.gz", Buffer.concat([packed, gzipSync("x")])))).message).toContain("the unpacked length is more than 6016 bytes");
  });

  it("whose content is cut off or too long is refused like a raw file", async () => {
    expect((await refusal(written("short.gz", gzipSync(good.subarray(0, 15))))).message).toContain("the header is cut off at byte 15");
    expect((await refusal(written("shorter.gz", gzipSync(good.subarray(0, 6_000))))).message).toContain("the file's length is 6000 bytes at byte 6000, expected 6016");
    expect((await refusal(written("empty.gz", gzipSync("")))).offset).toBe(0);
  });

  it("that announces more than it can hold is refused before anything is allocated", async () => {
    const path = written("liar.gz", gzipSync(idx([2 ** 32 - 1, 2 ** 10], noise(3))));
    const before = process.memoryUsage().arrayBuffers;
    expect((await refusal(path)).message).toContain("the announced length is 4398046510092 bytes for [4294967295, 1024]");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });
});

describe("a raw file", () => {
  it("of another length than its header says is refused before it is read", async () => {
    expect((await refusal(written("cut.idx", good.subarray(0, -1)))).offset).toBe(6_015);
    expect((await refusal(written("long.idx", Buffer.concat([good, Buffer.alloc(70_000)])))).message).toContain("76016 bytes at byte 6016, expected 6016");
    expect((await refusal(written("huge.idx", idx([2 ** 32 - 1, 28, 28], noise(80))))).message).toContain("expected 3367254359296");
  });

  it("without content, or with a web page, is refused", async () => {
    expect((await refusal(written("empty.idx", new Uint8Array(0)))).message).toContain("the header is cut off at byte 0");
    expect((await refusal(written("page.idx", Buffer.from("<html><body>404 not found</body></html>")))).message).toContain("It is a web page");
  });
});

describe("no file", () => {
  it("is refused by name, without waiting: neither a missing one, a folder, nor a pipe", async () => {
    expect(await refusal(join(folder, "absent"))).toMatchObject({ name: "DataFileError", code: "LLR_DATA_FILE", message: `readIdx: ${join(folder, "absent")} does not exist.` });
    mkdirSync(join(folder, "sub"));
    expect((await refusal(join(folder, "sub"))).message).toContain("is a folder, not an IDX file.");
    expect((await refusal(join(written("file", good), "below"))).message).toContain("lies in something that is not one");
    if (process.platform === "win32") return;
    await promisify(execFile)("mkfifo", [join(folder, "pipe")]);
    expect((await refusal(join(folder, "pipe"))).message).toContain("is not a regular file.");
  });
});

describe("an archive that unpacks to 200 MiB behind a header of 96 bytes", () => {
  it("is given up at once, in a fresh process that grows by less than 64 MiB", async () => {
    const path = written("bomb.gz", gzipSync(Buffer.concat([idx([96], new Uint8Array(96)), Buffer.alloc(200 * 2 ** 20)])));
    const program = `
      const { readIdx } = await import(${JSON.stringify(new URL("readIdx.ts", import.meta.url).href)});
      const peak = () => process.resourceUsage().maxRSS / 1024;
      const before = peak();
      const started = performance.now();
      const message = await readIdx(${JSON.stringify(path)}).then(() => "accepted", (error) => error.message);
      console.log(JSON.stringify({ message, growth: peak() - before, ms: performance.now() - started }));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
    const { message, growth, ms } = JSON.parse(stdout) as { message: string; growth: number; ms: number };
    expect(message).toContain("the unpacked length is more than 104 bytes");
    expect(growth).toBeLessThan(64);
    expect(ms).toBeLessThan(1_000);
  });
});

describe("a file that announces more than memory has", () => {
  // Sparse: only the header is on the disk, and the length says that the rest might be there.
  it.each([["packed", "bomb.gz", gzipSync(idx([60, 2 ** 30], noise(0))), 2 ** 26], ["raw", "bomb.idx", idx([5, 2 ** 30], noise(0)), 12 + 5 * 2 ** 30]] as const)("is refused when it is %s", async (_, name, start, length) => {
    const path = written(name, start);
    truncateSync(path, length);
    const error = await refusal(path);
    expect(error).toMatchObject({ code: "LLR_DATA_FORMAT", offset: 4 });
    expect(error.message).toMatch(/the announced length is \d+ bytes for \[\d+, 1073741824\] at byte 4, expected at most 4294967296/);
  });
});
