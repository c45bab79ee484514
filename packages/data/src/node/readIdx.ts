import { open, stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { DataFormatError } from "../dataFormatError.ts";
import { checkIdxLength, parseIdx, parseIdxHeader, type IdxArray, type IdxHeader } from "../idx.ts";
import { DataFileError } from "./dataFileError.ts";

/** The densest that deflate packs: 258 bytes in two bits (zlib.net/zlib_tech.html). */
const MOST_UNPACKED_PER_BYTE = 1032;

/**
 * Reads an array from an IDX file, raw or packed by gzip: its content decides, not its name.
 *
 * @throws DataFileError if there is no such file; DataFormatError, with its name, if it is not a whole IDX file
 */
export async function readIdx(path: string): Promise<IdxArray> {
  return parseIdx(await readIdxBytes(path), { file: path });
}

/**
 * The unpacked bytes of an IDX file, for `idxImages` and the other parsers, or for a checksum.
 *
 * The header says how long the file is, and no more than that is unpacked or kept: a small archive cannot fill the
 * memory. A file that is too short is returned as it is; the parsers refuse it.
 *
 * @throws as `readIdx`
 */
export async function readIdxBytes(path: string): Promise<Uint8Array> {
  // Before it is opened: to open a pipe waits for its writer.
  const { size } = await regularFile(path);
  const file = await open(path).catch((error: unknown) => { throw DataFileError.from("readIdx", path, error); });
  const source = file.createReadStream({ start: 0, autoClose: false });
  try {
    const start = Buffer.alloc(2);
    await file.read(start, 0, 2, 0);
    if (start[0] !== 0x1f || start[1] !== 0x8b) return await collect(source, path, (header) => checkIdxLength(header, size, { file: path }));
    const gunzip = createGunzip();
    source.on("error", (error) => gunzip.destroy(error)).pipe(gunzip);
    const bytes = await collect(gunzip, path, (header) => checkUnpackedLength(header, size, path));
    checkNothingFollows(gunzip.bytesWritten, size, path);
    return bytes;
  } catch (error) {
    throw explained(error, path);
  } finally {
    source.destroy();
    await file.close();
  }
}

async function regularFile(path: string): Promise<{ size: number }> {
  const stats = await stat(path).catch((error: unknown) => { throw DataFileError.from("readIdx", path, error); });
  if (!stats.isFile()) throw new DataFileError("readIdx", path, stats.isDirectory() ? "is a folder, not an IDX file." : "is not a regular file.");
  return stats;
}

/** Gathers what comes into one array of the length that the header announces, once `check` has found it possible. */
async function collect(chunks: AsyncIterable<Uint8Array>, file: string, check: (header: IdxHeader) => void): Promise<Uint8Array> {
  let head = new Uint8Array(0);
  let all: Uint8Array | null = null;
  let length = 0;
  for await (const chunk of chunks) {
    let next = chunk;
    if (all === null) {
      head = Buffer.concat([head, chunk]);
      const header = parseIdxHeader(head, { file });
      if (header === null) continue;
      check(header);
      all = room(header, file);
      next = head;
    }
    if (length + next.length > all.length)
      throw new DataFormatError("readIdx", {
        file, offset: all.length, what: "the unpacked length", actual: `more than ${all.length} bytes`,
        expected: `${all.length}, as its header says`,
        advice: "Get the file again.",
      });
    all.set(next, length);
    length += next.length;
  }
  return all === null ? head : all.subarray(0, length);
}

/** More than this no array of tensors holds, and no data set needs: MNIST has 47 MB. */
const LARGEST_BYTES = 2 ** 32;

function room({ totalBytes, shape }: IdxHeader, file: string): Uint8Array {
  const refuse = (expected: string): never => {
    throw new DataFormatError("readIdx", {
      file, offset: 4, what: "the announced length", actual: `${totalBytes} bytes for [${shape.join(", ")}]`,
      expected,
      advice: "Its sizes are damaged, or it has to be read in parts.",
    });
  };
  if (totalBytes > LARGEST_BYTES) return refuse(`at most ${LARGEST_BYTES}, which is all that tensors hold`);
  try {
    return new Uint8Array(totalBytes);
  } catch (error) {
    return refuse(`what this process has room for: ${String(error)}`);
  }
}

function checkUnpackedLength({ totalBytes, shape }: IdxHeader, packedBytes: number, file: string): void {
  const most = packedBytes * MOST_UNPACKED_PER_BYTE;
  if (totalBytes > most)
    throw new DataFormatError("readIdx", {
      file, offset: 4, what: "the announced length", actual: `${totalBytes} bytes for [${shape.join(", ")}]`,
      expected: `at most ${most}, all that ${packedBytes} packed bytes can hold`,
      advice: "It is cut off, or its sizes are damaged: get it again.",
    });
}

/** Node passes over zeros behind an archive in silence (tapes pad with them); other bytes it takes for another archive. */
function checkNothingFollows(usedBytes: number, size: number, file: string): void {
  if (usedBytes !== size)
    throw new DataFormatError("readIdx", {
      file, what: "the packed length", actual: `${size} bytes`,
      expected: `${usedBytes}, where the gzip archive ends`,
      advice: "Something follows it: get the file again.",
    });
}

/** Says what an error of zlib or of the file system means for this file; our own pass as they are. */
function explained(error: unknown, file: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code?.startsWith("Z_"))
    return new DataFormatError("readIdx", {
      file, what: "the gzip archive", actual: code === "Z_BUF_ERROR" ? "cut off" : `damaged (${message})`,
      expected: "a whole one with the right checksum",
      advice: "Get the file again.",
    });
  return code?.startsWith("E") ? DataFileError.from("readIdx", file, error) : error;
}
